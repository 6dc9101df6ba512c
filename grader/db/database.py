"""Opening the database, and the two kinds of sessions.

SQLite: write-ahead log, every commit on disk before it is believed (synchronous=FULL), foreign
keys on. A writing session takes the write lock when it begins, so what it has read is still true when it
writes; a reading one sees one state throughout and never waits. PostgreSQL: writing is read committed, and
whoever reads in order to write locks the rows (`with_for_update`, which SQLite need not know); reading is
repeatable and read-only, so that a lock in the wrong place is an error at once and not a request that waits
for itself. A server that can't be reached any more is noticed within half a minute, even if nobody says so;
a writer that stands still, because it or its machine is stopped, loses its transaction and locks in a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 30_000
# Parameters are hidden: what people type has no place in a log.
CREATION: dict[str, Any] = {"hide_parameters": True}
CONNECTIONS_PER_THREAD = 2  # a request reads in one session while it writes in another
THREADS = 20  # of a process that does not say how many it has
# Of libpq. Without them a connection whose other end has vanished is waited for for hours.
NETWORK_TIMEOUTS = {
    "connect_timeout": "10",  # seconds, as are the keepalives'
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",  # milliseconds
}
IDLE_WRITING = "60s"  # a writer may do nothing for so long, in words of PostgreSQL's
READING: dict[str, dict[str, Any]] = {
    "sqlite": {"grader_reading": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


@dataclass(frozen=True)
class Database:
    """An open database; `close` it when done."""

    engine: sa.Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session to read with; what it changes is refused, or thrown away at the end."""
        options = READING[self.engine.dialect.name]
        with self.engine.connect().execution_options(**options) as connection, Session(connection) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session whose changes are committed as a whole, or not at all on an exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.engine.dialect.name == "postgresql":
                session.execute(sa.text(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_WRITING}'"))
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(url: str, threads: int = THREADS, kept: int | None = None) -> Database:
    """Open the database at this SQLAlchemy URL (`sqlite:///…` or `postgresql+psycopg://…`).

    So many threads can work on it at once, each in a reading session and a writing one, without ever waiting
    for a connection: threads that each hold one and wait for another would wait for each other. So many
    as `kept` stay open when nobody needs them, one per thread if it is not said.
    """
    kept = threads if kept is None else kept
    pool = {"pool_size": kept, "max_overflow": threads * CONNECTIONS_PER_THREAD - kept}
    if sa.make_url(url).get_backend_name() != "sqlite":
        return Database(sa.create_engine(with_network_timeouts(url), pool_pre_ping=True, **CREATION, **pool))
    engine = sa.create_engine(url, **CREATION, **pool)
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def with_network_timeouts(url: str) -> str:
    """Return a PostgreSQL URL with timeouts, except where it has its own; any other URL as it is."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return url
    query = {**NETWORK_TIMEOUTS, **parsed.query}
    return parsed.set(query=query).render_as_string(hide_password=False)


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("grader_reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")
