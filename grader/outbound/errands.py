"""Work that goes out, kept as rows: taken under a lease, tried again after pauses, never lost.

Whoever takes a row holds it for LEASE_S, longer than tries last but for a fetch that is slow at every step.
If the holder dies, or is so slow, the lease runs out and somebody else takes the row: so everything is done
at least once, and by one at a time as a rule. Where two results would differ, the holder that was outlasted
must write nothing: `tries` tells it, which goes up with each taking.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models.errands import Errand

LEASE_S = 180.0
JITTER = 0.2

Row = TypeVar("Row", bound=Errand)
Take = Callable[
    [], Callable[[], None] | None
]  # takes what is due and returns what does it; None if nothing is


def take_due(database: Database, kind: type[Row], *conditions: Any) -> int | None:
    """Take the row that has been due for longest and that nobody holds; return its key, None if none is due.

    Its lease begins and its tries go up; what becomes of it is for the caller to write.
    """
    at = now()
    is_free = sa.or_(kind.leased_until.is_(None), kind.leased_until < at)
    due = (
        sa.select(kind)
        .where(kind.next_try_at <= at, is_free, *conditions)
        .order_by(kind.next_try_at)
        .limit(1)
    )
    with database.reading() as session:  # an idle worker asks this alone, which locks nothing
        if session.scalar(due) is None:
            return None
    with database.writing() as session:
        row = session.scalar(due.with_for_update(skip_locked=True, of=kind))
        if row is None:
            return None
        row.leased_until = at + timedelta(seconds=LEASE_S)
        row.tries += 1
        key: int = sa.inspect(row).identity[0]
        return key


def finish(row: Errand) -> None:
    """Write that there is nothing more to do."""
    row.next_try_at = row.leased_until = row.last_error = None


def try_again(row: Errand, error: str, pauses_s: Sequence[float], at: datetime) -> bool:
    """Write down the failure and when the next try is; False if there is none, the pauses being used up."""
    row.last_error = error.replace("\0", "")
    row.leased_until = None
    if row.tries > len(pauses_s):
        row.next_try_at = None
        return False
    row.next_try_at = at + timedelta(seconds=pauses_s[row.tries - 1] * random.uniform(1 - JITTER, 1 + JITTER))
    return True


def begin(row: Errand, at: datetime) -> None:
    """Write that the row is to be done now, from the first try on."""
    row.tries = 0
    row.next_try_at = at
