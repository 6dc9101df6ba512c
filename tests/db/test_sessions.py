"""Writing sessions commit as a whole or not at all; moments keep their time zone."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import Course


def titles(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Course.title)))


def test_what_is_written_is_there(database: Database):
    with database.writing() as session:
        session.add(Course(slug="dl", title="Deep learning"))
    assert titles(database) == ["Deep learning"]


def test_an_exception_takes_all_back(database: Database):
    with pytest.raises(RuntimeError), database.writing() as session:
        session.add(Course(slug="dl", title="Deep learning"))
        session.flush()
        raise RuntimeError
    assert titles(database) == []


def test_reading_changes_nothing(database: Database):
    with contextlib.suppress(sa.exc.InternalError), database.reading() as session:  # PostgreSQL refuses
        session.add(Course(slug="dl", title="Deep learning"))
        session.flush()
    assert titles(database) == []


def test_locking_to_read_is_an_error_where_it_would_wait(database: Database):
    locking = sa.select(Course).with_for_update()
    with database.reading() as session:
        if database.engine.dialect.name == "sqlite":
            assert session.scalars(locking).all() == []
        else:
            with pytest.raises(sa.exc.InternalError, match="read-only"):
                session.scalars(locking)


def test_a_moment_comes_back_in_utc(database: Database):
    moment = datetime(2026, 9, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.add(Course(slug="dl", title="Deep learning", created_at=moment))
    with database.reading() as session:
        found = session.scalars(sa.select(Course.created_at)).one()
    assert found == moment
    assert found.tzinfo is UTC


def test_a_moment_without_time_zone_is_refused(database: Database):
    with pytest.raises(sa.exc.StatementError, match="time zone"), database.writing() as session:
        session.add(Course(slug="dl", title="Deep learning", created_at=datetime(2026, 9, 1)))


def test_a_writer_that_stands_still_lets_go(database: Database, monkeypatch: pytest.MonkeyPatch):
    if database.engine.dialect.name == "sqlite":
        return  # a writer that is stopped keeps the lock until it goes on or dies
    monkeypatch.setattr("grader.db.database.IDLE_WRITING", "100ms")
    locking = sa.text("LOCK TABLE courses IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(sa.exc.DBAPIError), database.writing() as standing:
        standing.execute(locking)
        with database.writing() as other:
            other.execute(locking)
        standing.execute(locking)
