"""A worker's examiners, for real: after a failure of ours no slot meets one that may have caught it too."""

import dataclasses
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from grader.errors import GraderError, StoppedError
from grader.jobs.examiners import Examiners
from grader.settings import load_settings
from tests.contract.judging import NN, job_for
from tests.jobs.workers import wait_until

SLOTS = 2
REFERENCE = job_for(NN.reference)
BROKEN = dataclasses.replace(REFERENCE, files={**REFERENCE.files, "g2c/nn/__init__.py": b"1 / 0"})


@pytest.fixture(scope="module")
def examiners() -> Iterator[Examiners]:
    try:
        made = Examiners(load_settings(), SLOTS, with_mnist=False)
    except GraderError as error:
        pytest.skip(f"student code can't be run safely here: {error}")
    made.warm([NN])
    yield made
    made.close()
    assert multiprocessing.active_children() == []


def test_a_failure_replaces_the_warm_examiners_of_all_slots(examiners: Examiners):
    wait_until(lambda: examiners.count_warm() == SLOTS, "all slots are warm")
    for examiner in multiprocessing.active_children():
        assert examiner.pid is not None
        os.kill(examiner.pid, signal.SIGKILL)
    with pytest.raises(GraderError, match="ended without a result"):
        examiners.grade(0, NN, BROKEN, lambda _: None, lambda: False)
    for slot in range(SLOTS):
        assert examiners.grade(slot, NN, BROKEN, lambda _: None, lambda: False).score == 0


def test_stopping_is_no_failure(examiners: Examiners):
    wait_until(lambda: examiners.count_warm() == SLOTS, "all slots are warm")
    others = {examiner.pid for examiner in multiprocessing.active_children()}
    has_begun = threading.Event()
    with pytest.raises(StoppedError):
        examiners.grade(0, NN, REFERENCE, lambda _: has_begun.set(), has_begun.is_set)
    now = {examiner.pid for examiner in multiprocessing.active_children()}
    assert len(others & now) == SLOTS - 1, "the other slot's examiner is the one of before"


def test_counting_never_waits(examiners: Examiners):
    wait_until(lambda: examiners.count_warm() == SLOTS, "all slots are warm")
    with examiners._lock:  # as while examiners are being started
        assert examiners.count_warm() == SLOTS
