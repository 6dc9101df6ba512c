"""An examiner: a trusted process with everything warm that grades one submission and ends.

It is forked from a server that has torch and pytest in memory, launches its two sandboxes,
loads the reference into one, and then waits for its job on a pipe. One examiner, one submission:
nothing of one run can reach the next.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import traceback
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection

import pytest  # noqa: F401  # preloaded: forks start with it in memory
import torch

from grader.datasets import load_mnist
from grader.errors import GraderError
from grader.judging.events import Event
from grader.judging.job import Job
from grader.judging.judge import Bench, judge
from grader.judging.result import GradingResult
from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import RemotePackage
from grader.sandbox.interface import Backend, Limits
from grader.sandbox.selection import choose
from grader.settings import Settings
from grader.submissions.archive import read_submission
from grader.units import Unit, load_unit

OUTPUT_BYTES = 1024**2
IMPORT_WALL_FACTOR = 3.0
# A small answer can be large here: empty lists take 64 times their bytes, and a test that multiplies what it
# got may broadcast it. What needs more than this fails in its test, as the student's; the machine lives on.
MEMORY_BYTES = 4 * 1024**3
FAILED = 1  # the exit code of an examiner that failed, while it graded or afterwards


@dataclass(frozen=True)
class Ready:
    """The examiner is warm."""


@dataclass(frozen=True)
class Problem:
    """The examiner failed; `text` is fit to be shown, `detail` is for staff."""

    text: str
    detail: str


Message = Ready | Event | GradingResult | Problem


def examine(
    connection: Connection, unit_name: str, sandbox: str, settings: Settings, with_mnist: bool
) -> None:
    """Warm up, grade the one job that arrives on the connection, and leave nothing behind."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    # The unit's tests are compiled once for all examiners, beside the grader's data and not in the unit.
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(settings.data_dir / "pycache")
    try:
        with contextlib.ExitStack() as stack:
            unit = load_unit(unit_name, settings.units_root)
            bench = set_up(stack, unit, choose(sandbox, settings), settings, with_mnist=with_mnist)
            connection.send(Ready())
            job: Job = connection.recv()
            result = judge(job, bench, connection.send)
            connection.send(result)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # nobody needs this examiner any more
    except Exception as error:
        expected = isinstance(error, GraderError)
        text = str(error) if expected else f"The grader failed: {type(error).__name__}: {error}"
        with contextlib.suppress(OSError):  # the parent may be what has failed
            connection.send(Problem(text, traceback.format_exc()))
        raise SystemExit(FAILED) from error  # the only word of a sandbox that would not go after the result


def set_up(
    stack: contextlib.ExitStack, unit: Unit, backend: Backend, settings: Settings, *, with_mnist: bool
) -> Bench:
    """Return a warm bench, whose sandboxes the stack closes; SandboxError or DatasetError if that fails."""
    student, student_package = _make_host(stack, unit, backend)
    reference, reference_package = _make_host(stack, unit, backend)
    student.launch()
    mnist = None
    if with_mnist and unit.mnist is not None:
        reference.launch()
        mnist = load_mnist(settings.mnist_dir)
    student.warm()
    if mnist is not None:
        reference.load(read_submission(unit.reference, unit.package, unit.required_files).files)
    core = settings.student_core if settings.student_core is not None else max(os.sched_getaffinity(0))
    return Bench(
        unit=unit,
        student=student,
        student_package=student_package,
        reference=reference,
        reference_package=reference_package,
        sandbox_name=backend.name,
        sandbox_digest=backend.digest(),
        core=core,
        mnist=mnist,
    )


def _make_host(
    stack: contextlib.ExitStack, unit: Unit, backend: Backend
) -> tuple[StudentHost, RemotePackage]:
    limits = Limits(
        memory_bytes=unit.limits.memory_bytes, pids=unit.limits.pids, tmp_bytes=unit.limits.tmp_bytes
    )
    package = RemotePackage(unit.modules)
    import_cpu_s = unit.limits.import_cpu_s
    import_limits = SessionLimits(import_cpu_s, import_cpu_s * IMPORT_WALL_FACTOR, OUTPUT_BYTES)
    host = StudentHost(partial(backend.launch, limits), package, import_limits)
    stack.callback(host.close)
    return host, package
