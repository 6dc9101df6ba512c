"""Which workers are alive, as seen from a process that has just begun to look."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import Worker
from grader.jobs.liveness import BEAT_S, LOOKS_UNTIL_DEAD, is_known_dead

# Twice what other workers wait, because here clocks of two machines may be compared.
SILENT_FOR = timedelta(seconds=2 * BEAT_S * LOOKS_UNTIL_DEAD)


def living_workers(session: Session) -> list[Worker]:
    """Return the workers that have not stopped and whose heart beats."""
    beating = session.scalars(
        sa.select(Worker).where(Worker.stopped_at.is_(None), Worker.heartbeat_at > now() - SILENT_FOR)
    )
    return [worker for worker in beating if not is_known_dead(worker.process)]
