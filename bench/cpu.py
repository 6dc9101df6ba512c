"""CPU seconds of one hand-in outside the tests' own code, beside the plain baseline's.

Counted is the CPU time of everything that exists for this one hand-in: for the grader the trusted
process and what it starts, and both sandboxes by the kernel's account of their control groups, from
the fork of the examiner on; for the baseline the container. Taken off is what the same test bodies
(the student's code and the tests') and the same training use in one plain process. What remains is
the price of grading: start-up, imports, pytest, forks, messages; and in MNIST the reference's run.
The fork server's own start and the container engine's work are in neither.
"""

from __future__ import annotations

import multiprocessing
import resource
import traceback
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench.in_process import cost_of
from bench.measurements import PLAIN, Measurements
from bench.subjects import Subject
from bench.submissions import plain_baseline
from grader.errors import GraderError
from grader.judging import examiner
from grader.judging.events import Event, PhaseFinished, TestFinished
from grader.judging.job import Job
from grader.judging.judge import Bench, judge
from grader.judging.result import Visibility
from grader.sandbox.selection import choose
from grader.settings import Settings
from grader.units import load_unit


@dataclass(frozen=True)
class Account:
    """CPU seconds used so far on behalf of one hand-in."""

    trusted_s: float
    student_s: float
    reference_s: float

    @property
    def all_s(self) -> float:
        """All of them together."""
        return self.trusted_s + self.student_s + self.reference_s


def measure(subject: Subject, measurements: Measurements, repetitions: int) -> None:
    """Account for whole runs, with MNIST, in turns with the baseline and the plain process."""
    unit = subject.unit
    with ExitStack() as stack:
        baseline = plain_baseline(stack, subject)
        for number in range(repetitions):
            subject.progress(f"cpu: round {number + 1} of {repetitions}")
            bodies = cost_of("tests", unit.name) | cost_of("mnist", unit.name)
            if baseline is not None:
                cpu_s = baseline.run().cpu_s
                measurements.add("cpu_public_s", PLAIN, cpu_s)
                measurements.add("cpu_public_outside_s", PLAIN, cpu_s - bodies["public_tests"])
            for backend in subject.sandboxes:
                job = subject.job(number, with_mnist=True)
                used = _account(unit.name, backend.name, subject.settings, job)
                warm, public, tests, mnist = (used[part] for part in ("warm", "public", "tests", "mnist"))
                for row, value in (
                    ("cpu_warm_up_s", warm.all_s),
                    ("cpu_public_s", public.all_s),
                    ("cpu_public_outside_s", public.all_s - bodies["public_tests"]),
                    ("cpu_tests_outside_s", tests.all_s - bodies["all_tests"]),
                    ("cpu_tests_trusted_s", tests.trusted_s - warm.trusted_s),
                    ("cpu_tests_sandbox_s", tests.student_s - warm.student_s),
                    ("cpu_mnist_outside_s", mnist.all_s - tests.all_s - bodies["mnist"]),
                    ("cpu_mnist_reference_s", mnist.reference_s - tests.reference_s),
                ):
                    measurements.add(row, backend.name, value)


def _account(unit_name: str, sandbox: str, settings: Settings, job: Job) -> dict[str, Account]:
    """Grade in a forked examiner; return the accounts at the end of each part."""
    context = multiprocessing.get_context("forkserver")  # the pool's own way to start an examiner
    context.set_forkserver_preload([examiner.__name__])
    ours, theirs = context.Pipe()
    process = context.Process(target=_examine, args=(theirs, unit_name, sandbox, settings, job))
    process.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError as error:
        raise GraderError("the examiner ended without its accounts") from error
    finally:
        process.join()
    if isinstance(answer, examiner.Problem):
        raise GraderError(f"{answer.text}\n{answer.detail}")
    return dict(answer)


def _examine(connection: Connection, unit_name: str, sandbox: str, settings: Settings, job: Job) -> None:
    """Be the examiner, with a look at the accounts after each part."""
    used: dict[str, Account] = {}
    try:
        with ExitStack() as stack:
            unit, backend = load_unit(unit_name, settings.units_root), choose(sandbox, settings)
            bench = examiner.set_up(stack, unit, backend, settings, with_mnist=True)
            used["warm"] = _look(bench)

            def on_event(event: Event) -> None:
                if isinstance(event, TestFinished) and event.result.visibility == Visibility.PUBLIC:
                    used["public"] = _look(bench)
                elif isinstance(event, PhaseFinished):
                    used[event.name] = _look(bench)

            judge(job, bench, on_event)
            connection.send(used)
    except Exception as error:
        connection.send(examiner.Problem(str(error), traceback.format_exc()))


def _look(bench: Bench) -> Account:
    """Return the accounts of this process with its ended children, and of both sandboxes.

    bwrap is a child too, but lives on, and a living child is not in our account: nothing counts twice.
    """
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    trusted_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return Account(trusted_s, bench.student.sandbox.usage().cpu_s, bench.reference.sandbox.usage().cpu_s)
