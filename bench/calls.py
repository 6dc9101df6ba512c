"""What one remote call takes, beside the same call in-process."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch

from bench.in_process import imported_reference
from bench.measurements import IN_PROCESS, Measurements
from bench.subjects import Subject
from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import AllNames, RemotePackage
from grader.sandbox.interface import Backend, Limits
from grader.submissions.archive import read_submission
from grader.units import Unit

LIMITS = SessionLimits(cpu_s=600.0, wall_s=3600.0, output_bytes=1024**2)
CALLS_PER_TURN = 100
WARM_UP_CALLS = 100

Call = Callable[[], object]


def measure(subject: Subject, measurements: Measurements, repetitions: int) -> None:
    """Time single calls, a turn of them in-process and in each sandbox, again and again."""
    torch.set_num_threads(1)
    with ExitStack() as stack:
        places = {IN_PROCESS: _calls(stack.enter_context(imported_reference(subject.unit)))}
        for backend in subject.sandboxes:
            places[backend.name] = _calls(_remote_names(stack, subject.unit, backend))
        for calls in places.values():
            for call in calls.values():
                _time(call, WARM_UP_CALLS)
        for number in range(repetitions):
            subject.progress(f"calls: round {number + 1} of {repetitions}")
            for row in next(iter(places.values())):
                for column, calls in places.items():
                    measurements.add(row, column, *_time(calls[row], CALLS_PER_TURN))


def _remote_names(stack: ExitStack, unit: Unit, backend: Backend) -> AllNames:
    """Load the reference into a sandbox and open a session; what the stack closes."""
    package = RemotePackage(unit.modules)
    host = StudentHost(partial(backend.launch, Limits()), package, LIMITS)
    stack.callback(host.close)
    host.load(read_submission(unit.reference, unit.package, unit.required_files).files)
    session = host.open_session(LIMITS, seed=0)
    stack.callback(host.end_session, session)
    return AllNames(package)


def _calls(names: Any) -> dict[str, Call]:
    """Return the calls to time, by row; `names` gives the package's names, wherever they run."""
    layer, x = names.Linear(3, 4), torch.randn(5, 3)
    model = names.Sequential(names.Linear(3, 8), names.ReLU(), names.Linear(8, 2))
    optimizer, loss = names.SGD(model.parameters(), lr=0.1), names.CrossEntropyLoss()
    targets = torch.randint(2, (5,))

    def training_step() -> None:
        optimizer.zero_grad()
        loss(model(x), targets).backward()
        optimizer.step()

    return {
        "call_us": lambda: layer(x),
        "attribute_us": lambda: optimizer.lr,
        "training_step_us": training_step,
    }


def _time(call: Call, times: int) -> list[float]:
    """Return each call's microseconds."""
    taken = []
    for _ in range(times):
        start_ns = time.perf_counter_ns()
        call()
        taken.append((time.perf_counter_ns() - start_ns) / 1000)
    return taken
