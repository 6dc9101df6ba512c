"""Warm examiners: used once, replaced, cleaned up, and honest about what went wrong."""

import dataclasses
import multiprocessing
import resource
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import GraderError, StoppedError
from grader.judging.events import Event, PhaseStarted, TestFinished
from grader.judging.examiner import MEMORY_BYTES
from grader.judging.pool import ExaminerPool
from grader.judging.spare_memory import SPARE_BYTES
from grader.sandbox.interface import Backend
from grader.settings import CHECKOUT, Settings, load_settings
from tests.contract.judging import NN, job_for

pytestmark = pytest.mark.usefixtures("only_our_leftovers")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a copy of the unit, free to be broken."""
    for folder in ("hidden_tests", "reference", "student_template"):
        shutil.copytree(CHECKOUT / folder / "nn", tmp_path / folder / "nn")
    return dataclasses.replace(load_settings(), units_root=tmp_path)


class Stop(Exception):
    """What a caller raises who has seen enough."""


def test_several_threads_share_a_pool(backend: Backend):
    jobs = [job_for(NN.template, seed=seed) for seed in (1, 2)]
    with (
        ExaminerPool("nn", backend.name, load_settings(), refill=False, with_mnist=False) as pool,
        ThreadPoolExecutor(2) as threads,
    ):
        pool.wait_until_warm()
        results = list(threads.map(lambda job: pool.grade(job, lambda _: None), jobs))
    assert [result.provenance["seed"] for result in results] == [1, 2]
    assert {result.score for result in results} == {0}
    assert backend.remove_leftovers() == []


def test_an_examiner_serves_one_hand_in_with_bounded_memory(backend: Backend):
    seen: list[int] = []

    def look(event: Event) -> None:
        if event != PhaseStarted("loading", "Loading the package"):
            return  # so late that the examiner may have ended
        (examiner,) = multiprocessing.active_children()
        assert examiner.pid is not None
        soft, hard = resource.prlimit(examiner.pid, resource.RLIMIT_DATA)
        assert hard == MEMORY_BYTES
        assert soft in (MEMORY_BYTES, MEMORY_BYTES - SPARE_BYTES)  # while a test's body runs
        seen.append(examiner.pid)

    with ExaminerPool("nn", backend.name, load_settings(), refill=False, with_mnist=False) as pool:
        for _ in range(2):
            pool.grade(job_for(NN.template), look)
            assert multiprocessing.active_children() == []
    assert len(set(seen)) == 2


def test_a_caller_who_gives_up_leaves_nothing_behind(backend: Backend):
    def give_up(event: Event) -> None:
        if isinstance(event, TestFinished):
            raise Stop

    with (
        ExaminerPool("nn", backend.name, load_settings(), refill=False, with_mnist=False) as pool,
        pytest.raises(Stop),
    ):
        pool.grade(job_for(NN.reference), give_up)
    assert multiprocessing.active_children() == []
    assert backend.remove_leftovers() == []


def test_a_silent_run_is_stopped_with_its_sandboxes(backend: Backend):
    job = job_for(NN.reference)
    job = dataclasses.replace(
        job, files={**job.files, "g2c/nn/__init__.py": b"import time; time.sleep(3600)"}
    )
    is_silent = threading.Event()

    def on_event(event: Event) -> None:
        if event == PhaseStarted("loading", "Loading the package"):
            is_silent.set()

    with ExaminerPool("nn", backend.name, load_settings(), refill=False, with_mnist=False) as pool:
        with pytest.raises(StoppedError):
            pool.grade(job, on_event, should_stop=is_silent.is_set)
        assert multiprocessing.active_children() == []
        assert backend.remove_leftovers() == []


def test_a_run_that_hangs_is_ended_with_its_sandboxes(backend: Backend):
    with ExaminerPool("nn", backend.name, load_settings(), refill=False, with_mnist=False) as pool:
        pool.wait_until_warm()
        with pytest.raises(GraderError, match="hung"):
            pool.grade(job_for(NN.reference), lambda _: None, limit_s=0.0)
        assert multiprocessing.active_children() == []
        assert backend.remove_leftovers() == []


def test_a_pool_that_is_not_used_leaves_nothing_behind(backend: Backend):
    with ExaminerPool("nn", backend.name, load_settings(), size=2, with_mnist=False):
        pass
    assert multiprocessing.active_children() == []
    assert backend.remove_leftovers() == []


def test_a_broken_unit_is_told_in_words(backend: Backend, settings: Settings):
    (settings.units_root / "hidden_tests" / "nn" / "test_linear.py").write_text("import no_such_library\n")
    with (
        ExaminerPool("nn", backend.name, settings, refill=False, with_mnist=False) as pool,
        pytest.raises(GraderError, match=r"(?s)unit nn.*no_such_library") as raised,
    ):
        pool.grade(job_for(NN.reference), lambda _: None)
    (trace,) = raised.value.__notes__
    assert trace.startswith("Traceback")
