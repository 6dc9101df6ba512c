"""A pool's callers stop waiting when they like, don't wait for ever, and lose no result to what comes after.

Its examiners are acted by processes that do what the job's files say. How real ones end, with their
sandboxes, is in tests/contract/test_judge_pool.py.
"""

import multiprocessing
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import pytest

from grader.errors import GraderError, StoppedError
from grader.judging.events import PhaseStarted
from grader.judging.examiner import Problem, Ready
from grader.judging.job import Job
from grader.judging.pool import ExaminerPool, _Examiner
from grader.settings import Settings
from tests import cast

STARTED = PhaseStarted("tests", "Running the tests")


def make_job(task: str = "") -> Job:
    return Job(files={"task": task.encode()}, digest="", seed=1, with_mnist=False)


def act(connection: Connection, callers: Connection) -> None:
    """Be an examiner: hang, end, fail or return a result, as the job says."""
    callers.close()  # a fork has both ends
    connection.send(Ready())
    try:
        task = connection.recv().files["task"]
    except EOFError:
        return
    connection.send(STARTED)
    if task == b"hang":
        time.sleep(3600)
    elif task == b"fail":
        connection.send(Problem("no sandbox", "trace"))
    elif task != b"end":
        connection.send(cast.reference())


class ActedPool(ExaminerPool):
    """A pool of acted examiners; while `is_broken`, none can be started."""

    is_broken = False

    def _start(self) -> _Examiner:
        if self.is_broken:
            raise OSError("out of processes")
        ours, theirs = multiprocessing.get_context("fork").Pipe()
        process: Any = multiprocessing.get_context("fork").Process(target=act, args=(theirs, ours))
        process.start()
        theirs.close()
        return _Examiner(process, ours)


@pytest.fixture
def pool() -> Iterator[ActedPool]:
    with ActedPool("nn", "bubblewrap", Settings()) as opened:
        yield opened
    assert multiprocessing.active_children() == []


def waiting_pids(pool: ExaminerPool) -> list[int | None]:
    return [examiner.process.pid for examiner in pool._waiting]


def test_a_run_that_hangs_is_killed_and_another_examiner_waits(pool: ActedPool):
    pool.wait_until_warm()
    used, threads = waiting_pids(pool), threading.active_count()
    with pytest.raises(GraderError, match="hung"):
        pool.grade(make_job("hang"), lambda _: None, limit_s=1.0)
    assert threading.active_count() == threads
    assert used not in (waiting_pids(pool), [])
    assert [child.pid for child in multiprocessing.active_children()] == waiting_pids(pool)
    assert pool.grade(make_job(), lambda _: None) == cast.reference()


def test_a_silent_run_ends_when_nobody_waits_for_it_any_more(pool: ActedPool):
    has_begun = threading.Event()
    with pytest.raises(StoppedError):
        pool.grade(make_job("hang"), lambda _: has_begun.set(), should_stop=has_begun.is_set)
    assert [child.pid for child in multiprocessing.active_children()] == waiting_pids(pool)


@pytest.mark.parametrize(("task", "problem"), [("fail", "no sandbox"), ("end", "ended without a result")])
def test_a_failure_is_told_as_before(pool: ActedPool, task: str, problem: str):
    with pytest.raises(GraderError, match=problem):
        pool.grade(make_job(task), lambda _: None)


def test_a_result_is_not_lost_because_no_other_examiner_can_be_started(pool: ActedPool):
    pool.wait_until_warm()
    pool.is_broken = True
    assert pool.grade(make_job(), lambda _: None) == cast.reference()
    with pytest.raises(OSError, match="out of processes"):
        pool.grade(make_job(), lambda _: None)


def test_renewing_replaces_those_that_wait(pool: ActedPool):
    before = waiting_pids(pool)
    pool.renew()
    assert waiting_pids(pool) != before
    assert len(waiting_pids(pool)) == 1


def test_counting_never_waits(pool: ActedPool):
    pool.wait_until_warm()
    assert pool.count_warm() == 1
    with pool._lock:  # as while an examiner is being started
        assert pool.count_warm() == 1
