"""Which of two pushed commits is the newer one, by what can be known.

Deliveries may come late and in any order, and hosts do not number them. But each says from which commit to
which the branch went. `of_chain` follows these steps: if they lead from the commit at hand to the one that
was handed in last, it is older; the other way round, newer. If both, the branch was moved back and forth,
and the one that arrives later counts. If neither, a delivery in between is missing: then the history of the
commits is asked (see `handing_in`), where an ancestor is older; commits that went separate ways count as
they arrive, and so does one when the host has the last one no more.
"""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import Push, PushState, Submission

MAX_STEPS = 5_000  # of a link's pushes, the newest


class Order(enum.Enum):
    """How a commit stands to the one that was handed in last."""

    NEWER = "newer"
    OLDER = "older"
    UNKNOWN = "unknown"


def last_handed_in(session: Session, push: Push) -> str | None:
    """Return the commit of the push's link that was handed in last; None if there is none."""
    return session.scalar(
        sa.select(Push.commit)
        .join(Submission, Push.submission_id == Submission.id)
        .where(Push.link_id == push.link_id, Push.state == PushState.HANDED_IN)
        .order_by(Submission.number.desc())
        .limit(1)
    )


def of_chain(session: Session, push: Push, last: str) -> Order:
    """Return how the push's commit stands to `last`, as the pushes that were told of say."""
    if push.commit == last:
        return Order.NEWER  # nothing is handed in twice anyway
    rows = session.execute(
        sa.select(Push.before, Push.commit)
        .where(Push.link_id == push.link_id)
        .order_by(Push.id.desc())
        .limit(MAX_STEPS)
    )
    steps: dict[str, set[str]] = {}
    for before, after in rows:
        steps.setdefault(before, set()).add(after)
    if last in _reachable(steps, push.commit):
        return Order.NEWER if push.commit in _reachable(steps, last) else Order.OLDER
    return Order.NEWER if push.commit in _reachable(steps, last) else Order.UNKNOWN


def _reachable(steps: dict[str, set[str]], start: str) -> set[str]:
    """Return the commits that the steps lead to from `start`, one step away at least."""
    found: set[str] = set()
    waiting = list(steps.get(start, ()))
    while waiting:
        commit = waiting.pop()
        if commit not in found:
            found.add(commit)
            waiting.extend(steps.get(commit, ()))
    return found
