"""The app on a database of its own, and browsers of people who are signed in.

`client_of(person)` is a test client with that person's session; `client_of(None)` one with nobody's.
The tests run on SQLite and on PostgreSQL, except where no query is in question.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from grader.accounts import sign_in
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, User
from grader.settings import Settings
from grader.web.app import create_app
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.people import World, cheap_hashing, make_world

__all__ = ["cheap_hashing", "database", "database_kind", "empty_url", "migrated_url", "postgresql"]

ClientOf = Callable[[User | None], FlaskClient]


class WaitingQueue:
    """A queue without workers: what is added waits, and can be taken out."""

    def __init__(self) -> None:
        self.waiting: list[int] = []

    def add(self, session: Session, run: GradingRun) -> None:
        self.waiting.append(run.id)

    def supersede(self, session: Session, course_unit_id: int, user_id: int, *, by: str) -> None:
        pass

    def cancel(
        self, session: Session, run: GradingRun, actor: User | None = None, address: str | None = None
    ) -> bool:
        return run.id in self.waiting


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def queue() -> WaitingQueue:
    return WaitingQueue()


@pytest.fixture
def tries_at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets all tries to sign in be at one moment: how long to wait is counted from the last in seconds."""
    at = now()
    monkeypatch.setattr(sign_in, "now", lambda: at)


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    settings: Settings,
    database: Database,
    queue: WaitingQueue,
    compiled_templates: FileSystemBytecodeCache,
) -> Flask:
    """The app as in production, but that forms need no CSRF token; tests of that turn it on."""
    made = create_app(settings, database, queue)
    made.jinja_env.bytecode_cache = compiled_templates  # each test has an app of its own
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def client_of(app: Flask) -> ClientOf:
    def client(person: User | None) -> FlaskClient:
        browser = app.test_client()
        if person is not None:
            with browser.session_transaction() as session:
                session.update(user=person.id, version=person.session_version, since=now().timestamp())
        return browser

    return client
