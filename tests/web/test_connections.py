"""Every thread of the web server gets the database connections that it needs: none waits for another's."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grader.db.database import CONNECTIONS_PER_THREAD, Database, open_database
from grader.db.models import Scope
from grader.service.web_server import WebServer
from grader.settings import Settings
from grader.web.service import EXTENSION
from tests.api.client import new_token
from tests.databases import NewUrl
from tests.integrations import KEY
from tests.people import World
from tests.web.conftest import ClientOf
from tests.web.routes import TABLE
from tests.web.test_routes import Scene, ask, expectations

THREADS = 6


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key=KEY)


@pytest.fixture
def few(migrated_url: NewUrl) -> Iterator[Database]:
    """A database opened for THREADS threads."""
    opened = open_database(migrated_url(), threads=THREADS)
    yield opened
    opened.close()


def test_all_threads_read_and_then_write_while_they_read(few: Database):
    """With one connection fewer, each would hold one and wait for another's until it gave up."""
    all_read = threading.Barrier(THREADS)

    def work(number: int) -> int:
        with few.reading() as session:
            session.execute(sa.text("SELECT 1"))
            all_read.wait()
            with few.writing() as other:
                other.execute(sa.text("SELECT 1"))
        return number

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(work, range(THREADS))) == list(range(THREADS))


def test_the_web_server_opens_its_database_for_all_its_threads(tmp_path: Path, migrated_url: NewUrl):
    """Those of pages and those of git."""
    settings = Settings(data_dir=tmp_path, database_url=migrated_url(), web_threads=5, git_at_once=28)
    app = WebServer(settings).load()
    database = app.extensions[EXTENSION].database
    taken = [database.engine.connect() for _ in range(33 * CONNECTIONS_PER_THREAD)]
    assert database.engine.pool.checkedout() == len(taken)
    for connection in taken:
        connection.close()
    database.close()


def test_the_web_server_keeps_few_connections_open(tmp_path: Path, migrated_url: NewUrl):
    settings = Settings(data_dir=tmp_path, database_url=migrated_url(), web_threads=2, git_at_once=10)
    database = WebServer(settings).load().extensions[EXTENSION].database
    for connection in [database.engine.connect() for _ in range(12)]:
        connection.close()
    assert database.engine.pool.checkedin() == 2
    database.close()


class Held:
    """How many connections a thread holds at once, and how many it has held at most."""

    def __init__(self, database: Database):
        self._now: Counter[int] = Counter()
        self.most = 0
        sa.event.listen(database.engine, "checkout", self._take)
        sa.event.listen(database.engine, "checkin", self._give_back)

    def _take(self, *_: Any) -> None:
        self._now[threading.get_ident()] += 1
        self.most = max(self.most, *self._now.values())

    def _give_back(self, *_: Any) -> None:
        self._now[threading.get_ident()] -= 1


@pytest.mark.parametrize("person", ["ada", "ines"])
def test_no_request_holds_more_connections_than_a_thread_has(
    app: Flask, client_of: ClientOf, database: Database, world: World, person: str
):
    with database.writing() as session:
        scene = Scene(session, world)
    held = Held(database)
    for row in expectations():
        if row.person == person:
            with ask(app, client_of, scene, row) as answer:
                answer.get_data()
            assert held.most <= CONNECTIONS_PER_THREAD, f"{row.method} {row.rule}"
    assert held.most == CONNECTIONS_PER_THREAD, "else fewer would do"
    assert len(TABLE) > 40


class Watched(io.BytesIO):
    """A request's body; it notes how many connections are taken while it comes in."""

    def __init__(self, content: bytes, database: Database):
        super().__init__(content)
        self.taken: list[int] = []
        self._pool: Any = database.engine.pool

    def readinto(self, place: Any) -> int:
        self.taken.append(self._pool.checkedout())
        return super().readinto(place)


@pytest.mark.parametrize("action", ["git-receive-pack", "git-upload-pack"])
def test_a_request_of_git_holds_no_connection_while_it_comes_in(
    app: Flask, database: Database, world: World, action: str
):
    token = new_token(database, world.ada, Scope.SUBMIT)
    held, body = Held(database), Watched(b"0000", database)
    answer = app.test_client().post(
        f"/git/dl/nn/{world.ada.email}.git/{action}",
        auth=(world.ada.email, token),
        content_type=f"application/x-{action}-request",
        input_stream=body,
        headers={"Content-Length": "4"},
    )
    answer.get_data()
    answer.close()
    assert answer.status_code == 200
    assert body.taken and set(body.taken) == {0}
    assert held.most == 1, "a token's first use is noted, with no connection held meanwhile"
