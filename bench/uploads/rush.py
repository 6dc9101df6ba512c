"""Many students hand in within a minute, at moments of their own, while the worker grades."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.service.students import Student, pack
from bench.uploads.client import Answer, Upload
from grader.db.database import Database
from grader.db.models import GradingRun, RunState, Submission

DRAIN_TIMEOUT_S = 3600.0
LOOK_S = 1.0
ACCEPTED = 202


@dataclass(frozen=True)
class Rush:
    """What to do: whose package is handed in, within how many seconds; `seed` decides the moments."""

    folder: Path
    within_s: float
    seed: int


def measure(rush: Rush, address: str, database: Database, students: Sequence[Student]) -> dict[str, Any]:
    """Hand in for every student, wait until all is graded, and return what was found."""
    uploads = [Upload.prepare(student.token, pack(rush.folder, student.key)) for student in students]
    answers = _send_all(uploads, address, rush)
    all_sent_s = time.perf_counter()
    _wait_until_drained(database)
    times_ms = sorted(answer.took_s * 1000 for answer in answers)
    return {
        "uploads": len(uploads),
        "within_s": round(max(a.began_s for a in answers) - min(a.began_s for a in answers), 1),
        "kilobytes": round(statistics.median(len(upload.body) for upload in uploads) / 1000, 1),
        "accepted": sum(answer.status == ACCEPTED for answer in answers),
        "median_ms": round(statistics.median(times_ms), 1),
        "p95_ms": round(statistics.quantiles(times_ms, n=20)[-1], 1),
        "longest_ms": round(times_ms[-1], 1),
        "drained_after_s": round(time.perf_counter() - all_sent_s, 1),
        **_found(database, {a.content["id"] for a in answers if a.status == ACCEPTED}),
    }


def _send_all(uploads: Sequence[Upload], address: str, rush: Rush) -> list[Answer]:
    draw = random.Random(rush.seed)
    moments_s = sorted(draw.uniform(0, rush.within_s) for _ in uploads)
    answers: list[Answer] = []
    began_s = time.perf_counter()

    def send(upload: Upload, at_s: float) -> None:
        time.sleep(max(0.0, began_s + at_s - time.perf_counter()))
        answers.append(upload.send(address))

    threads = [threading.Thread(target=send, args=pair) for pair in zip(uploads, moments_s, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answers) < len(uploads):
        raise RuntimeError(f"{len(uploads) - len(answers)} uploads got no answer")
    return answers


def _wait_until_drained(database: Database) -> None:
    deadline_s = time.monotonic() + DRAIN_TIMEOUT_S
    waiting = sa.select(sa.exists().where(GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING))))
    while True:
        with database.reading() as session:
            if not session.scalar(waiting):
                return
        if time.monotonic() > deadline_s:
            raise TimeoutError("the queue did not drain")
        time.sleep(LOOK_S)


def _found(database: Database, promised: set[str]) -> dict[str, int]:
    """Return how many hand-ins that were answered "accepted" are not there, and how many are graded."""
    with database.reading() as session:
        rows = session.execute(
            sa.select(Submission.public_id, GradingRun.state)
            .join(GradingRun, GradingRun.submission_id == Submission.id)
            .where(Submission.public_id.in_(promised))
        ).all()
    return {
        "lost": len(promised - {public_id for public_id, _ in rows}),
        "graded": sum(state is RunState.GRADED for _, state in rows),
    }
