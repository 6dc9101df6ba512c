"""Whose heart stands still is dead; sleep, reused process numbers and other machines fool nobody."""

import os
import subprocess
import sys

import pytest

from grader.db.database import Database
from grader.jobs import liveness
from grader.jobs.liveness import (
    LOOKS_UNTIL_DEAD,
    Watch,
    beat,
    enter,
    is_known_dead,
    mark_stopped,
    process_name,
)


@pytest.fixture
def watch(database: Database) -> Watch:
    enter(database, "other", slots=1, sandbox="none")
    return Watch(database, "me")


def test_a_heart_that_stands_still_is_dead_after_some_looks(watch: Watch):
    looks = [watch.look() for _ in range(LOOKS_UNTIL_DEAD + 1)]
    assert looks == [[]] * LOOKS_UNTIL_DEAD + [["other"]]


def test_a_heart_that_beats_in_between_lives(watch: Watch, database: Database):
    for _ in range(3 * LOOKS_UNTIL_DEAD):
        assert watch.look() == []
        beat(database, "other")


def test_a_watcher_that_slept_begins_to_count_where_it_was(watch: Watch, monkeypatch: pytest.MonkeyPatch):
    watch.look()
    monkeypatch.setattr(liveness, "now", None)  # however late it is by any clock
    assert watch.look() == []


def test_nobody_watches_itself(database: Database):
    enter(database, "me", slots=1, sandbox="none")
    watch = Watch(database, "me")
    assert [watch.look() for _ in range(LOOKS_UNTIL_DEAD + 2)] == [[]] * (LOOKS_UNTIL_DEAD + 2)


def test_a_worker_that_was_marked_can_not_beat(database: Database):
    enter(database, "me", slots=1, sandbox="none")
    assert beat(database, "me")
    assert mark_stopped(database, "me")
    assert not mark_stopped(database, "me")
    assert not beat(database, "me")


def test_this_process_lives():
    name = process_name(os.getpid())
    assert name is not None
    assert not is_known_dead(name)


def test_a_process_that_has_ended_is_dead_even_before_its_parent_knows():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(child.pid)
    assert name is not None
    assert not is_known_dead(name)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, not yet buried
    assert is_known_dead(name)
    child.communicate()
    assert is_known_dead(name)


def test_a_process_number_given_out_again_is_another_process():
    name = process_name(os.getpid())
    assert name is not None
    before, _, began_at = name.rpartition(":")
    assert is_known_dead(f"{before}:{int(began_at) - 1}")


def test_of_another_machine_we_know_nothing():
    name = process_name(os.getpid())
    assert name is not None
    assert not is_known_dead(f"another-boot:1/{name.partition('/')[2]}")
    assert not is_known_dead("")
