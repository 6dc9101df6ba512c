"""However many hand in at once, only so many archives are unpacked at a time: memory stays bounded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from grader.db.database import Database
from grader.db.models import Source
from grader.errors import RejectedError
from grader.jobs.queue import JobQueue
from grader.settings import CHECKOUT
from grader.submissions import accept as accepting
from grader.submissions.accept import UNPACKED_AT_ONCE, Upload, accept
from tests.people import World
from tests.submissions.archives.packing import as_zip, honest_tree

HAND_INS = 3 * UNPACKED_AT_ONCE
really_read = accepting.read_archive_bytes


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


class Watched:
    """Reads archives, and stops in the middle until as many are read at once as may be."""

    def __init__(self) -> None:
        self.most = 0
        self._reading = 0
        self._lock = threading.Lock()
        self._full = threading.Barrier(UNPACKED_AT_ONCE)

    def read(self, *arguments: Any) -> Any:
        with self._lock:
            self._reading += 1
            self.most = max(self.most, self._reading)
        self._full.wait()
        try:
            return really_read(*arguments)
        finally:
            with self._lock:
                self._reading -= 1


def test_so_many_archives_are_unpacked_at_once_and_no_more(
    database: Database, queue: JobQueue, world: World, monkeypatch: pytest.MonkeyPatch
):
    watched = Watched()
    monkeypatch.setattr(accepting, "read_archive_bytes", watched.read)
    begun = threading.Barrier(HAND_INS)

    def hand_in(number: int) -> str:
        begun.wait()
        upload = Upload(as_zip({**honest_tree(), "notes.md": b"%d" % number}), "nn.zip", Source.WEB)
        return accept(database, queue, CHECKOUT, world.unit.id, world.ada.id, upload).public_id

    with ThreadPoolExecutor(HAND_INS) as pool:
        taken = list(pool.map(hand_in, range(HAND_INS)))
    assert len(set(taken)) == HAND_INS
    assert watched.most == UNPACKED_AT_ONCE


def test_an_archive_that_is_refused_makes_room_for_the_next(
    database: Database, queue: JobQueue, world: World
):
    for _ in range(UNPACKED_AT_ONCE + 1):
        with pytest.raises(RejectedError):
            accept(database, queue, CHECKOUT, world.unit.id, world.ada.id, Upload(b"", "nn.zip", Source.WEB))
