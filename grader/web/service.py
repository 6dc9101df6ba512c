"""What a request works with: the installation's settings, database and queue, and its own reading session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import GradingRun, User
from grader.settings import Settings
from grader.submissions import accept

EXTENSION = "grader"


class Queue(accept.Queue, Protocol):
    """Where runs wait for a worker; `grader.jobs.queue.JobQueue` is the real one."""

    def cancel(
        self, session: Session, run: GradingRun, actor: User | None = None, address: str | None = None
    ) -> bool:
        """End a run that waits or runs, for `actor` at `address`; False if it was over already."""


@dataclass(frozen=True)
class Service:
    """One running installation."""

    settings: Settings
    database: Database
    queue: Queue


def service() -> Service:
    """Return what the app was created with."""
    return cast(Service, current_app.extensions[EXTENSION])


def reading() -> Session:
    """Return this request's session for reading; it sees one state throughout and is closed at the end.

    A request that has written answers with a redirect, or opens another session to read what it wrote. It
    holds a connection to the database: `end_reading` gives that back earlier.
    """
    if "reading" not in g:
        g.reading = service().database.reading()
        g.reading_session = g.reading.__enter__()
    return cast(Session, g.reading_session)


def install(app: Flask, installed: Service) -> None:
    """Give the app its service, and end each request's session with the request."""
    app.extensions[EXTENSION] = installed
    app.teardown_request(lambda error: end_reading())


def end_reading() -> None:
    """End this request's session; what was loaded stays as it is. Asking for it again begins another."""
    if manager := g.pop("reading", None):
        g.pop("reading_session")
        manager.__exit__(None, None, None)
