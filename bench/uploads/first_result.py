"""One student hands in on an idle service: how long until the first test's result is there."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.service.students import Student, pack
from bench.uploads.client import Upload, follow
from grader.db.database import Database
from grader.db.models import GradingRun, Submission

SETTLE_S = 12.0  # the worker warms its next sandboxes meanwhile: the machine is idle again


def measure(folder: Path, address: str, database: Database, students: Sequence[Student]) -> dict[str, Any]:
    """Hand in for one student after the other, each on an idle service; return the times in seconds."""
    until_seen_s, until_stored_s = [], []
    for student in students:
        time.sleep(SETTLE_S)
        answer = Upload.prepare(student.token, pack(folder, student.key)).send(address)
        public_id = answer.content["id"]
        arrivals = list(follow(address, student.token, public_id))
        until_seen_s.append(next(at_s for at_s, kind in arrivals if kind == "test") - answer.began_s)
        until_stored_s.append(_stored_after_s(database, public_id))
    return {
        "hand_ins": len(until_seen_s),
        "seen_median_s": round(statistics.median(until_seen_s), 2),
        "seen_longest_s": round(max(until_seen_s), 2),
        "stored_median_s": round(statistics.median(until_stored_s), 2),
        "stored_longest_s": round(max(until_stored_s), 2),
    }


def _stored_after_s(database: Database, public_id: str) -> float:
    """Return the time from the receipt to the first result, both as the service has noted them."""
    with database.reading() as session:
        received_at, first_at = session.execute(
            sa.select(Submission.received_at, GradingRun.first_result_at)
            .join(GradingRun, GradingRun.submission_id == Submission.id)
            .where(Submission.public_id == public_id)
        ).one()
    return float((first_at - received_at).total_seconds())
