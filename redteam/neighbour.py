"""An honest hand-in that is graded beside an attack, in a process and a sandbox of its own.

Theory of operation. As in the service, where two examiners share a machine: the neighbour grades the
reference over and over while the attack runs, and tells the worst score and the most CPU time of its sandbox.
What it needs when it is alone is measured at its start; the budget is a multiple of that.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from grader.judging.examiner import set_up
from grader.judging.judge import Bench, judge
from grader.sandbox.selection import choose
from grader.settings import load_settings
from redteam.canary import Canary
from redteam.small_unit import reference_job, small_unit, with_canary

BUDGET_FACTOR, BUDGET_GRACE_S = 3.0, 2.0  # CPU time on a crowded machine: its caches are shared, too
ANSWER_TIMEOUT_S = 120.0
FULL_MARKS = 100.0
GO, STOP = "go", "stop"


@dataclass(frozen=True)
class Honest:
    """The worst of the honest runs: points, and CPU seconds of their sandbox."""

    score: float
    cpu_s: float


class Neighbour:
    """Grades honest work on demand; make it with `neighbour`."""

    def __init__(self, connection: Connection, alone: Honest):
        self._connection = connection
        self._budget_s = alone.cpu_s * BUDGET_FACTOR + BUDGET_GRACE_S

    @contextlib.contextmanager
    def beside(self) -> Iterator[list[str]]:
        """Have honest work graded meanwhile; the list is filled with the harm done to it when it is over."""
        harm: list[str] = []
        self._connection.send(GO)
        try:
            yield harm
        finally:
            self._connection.send(STOP)
            harm += self._harm_to(_answer(self._connection))

    def _harm_to(self, worst: Honest) -> Iterator[str]:
        if worst.score < FULL_MARKS:
            yield f"an honest neighbour scored {worst.score:g} of {FULL_MARKS:g}"
        if worst.cpu_s > self._budget_s:
            yield f"an honest neighbour needed {worst.cpu_s:.1f} CPU seconds, more than {self._budget_s:.1f}"


@contextlib.contextmanager
def neighbour(sandbox: str) -> Iterator[Neighbour]:
    """A warm neighbour in the sandbox named; RuntimeError if it can't be set up."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(theirs, sandbox), name="redteam-neighbour")
    process.start()
    theirs.close()
    try:
        yield Neighbour(ours, _answer(ours))
    finally:
        ours.close()  # it ends by itself then
        process.join()


def _answer(connection: Connection) -> Honest:
    if not connection.poll(ANSWER_TIMEOUT_S):
        raise RuntimeError("the honest neighbour does not answer")
    try:
        answer = connection.recv()
    except EOFError as error:
        raise RuntimeError("the honest neighbour has ended") from error
    assert isinstance(answer, Honest)
    return answer


def _serve(connection: Connection, sandbox: str) -> None:
    """Grade while asked to, until the other side goes away."""
    os.setsid()  # Ctrl-C is for the other side
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="redteam-") as name, contextlib.ExitStack() as stack:
        unit = with_canary(small_unit(Path(name) / "unit"), Path(name) / "hidden", Canary.drawn())
        bench = set_up(stack, unit, choose(sandbox, settings), settings, with_mnist=False)
        _grade(bench)  # the first finds nothing in the caches
        connection.send(_grade(bench))
        with contextlib.suppress(EOFError, ConnectionResetError, BrokenPipeError):
            while connection.recv() == GO:
                runs = [_grade(bench)]
                while not connection.poll():
                    runs.append(_grade(bench))
                connection.recv()
                connection.send(Honest(min(run.score for run in runs), max(run.cpu_s for run in runs)))


def _grade(bench: Bench) -> Honest:
    before_s = bench.student.sandbox.usage().cpu_s
    result = judge(reference_job(), bench, lambda _: None)
    return Honest(result.score or 0.0, bench.student.sandbox.usage().cpu_s - before_s)
