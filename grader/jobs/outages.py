"""Sitting out a database that is away for a moment, as it is while it restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
import structlog

log = structlog.get_logger("grader.jobs")

PATIENCE_S = 300.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0

Result = TypeVar("Result")


def outlast(act: Callable[[], Result]) -> Result:
    """Return what `act` returns; while the database can't be reached, call it again and again.

    `act` may have taken effect although its connection broke, so it must bear being repeated. After
    five minutes the last error is raised.
    """
    deadline, pause_s = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
    while True:
        try:
            return act()
        except sa.exc.DBAPIError as error:
            if not is_outage(error) or time.monotonic() > deadline:
                raise
            log.warning("database_away", error=str(error.orig), again_in_s=pause_s)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def is_outage(error: sa.exc.DBAPIError) -> bool:
    """Whether the database could not be reached, as opposed to having refused what it was asked."""
    return error.connection_invalidated or isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError))
