"""All push at the same moment, while somebody looks at a page again and again."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.pushes.clones import Clone, Push
from bench.service.students import COURSE, UNIT
from grader.db.database import Database
from grader.db.models import GradingRun, RunState, Submission, User
from grader.git.repositories import repository_of

PAGE_PAUSE_S = 0.1
GRADED_TIMEOUT_S = 600.0


def measure(clones: Sequence[Clone], address: str, database: Database, data_dir: Path) -> dict[str, Any]:
    """Push all at once, wait until all have ended, and return what was found."""
    page = _Page(f"http://{address}/sign-in")
    page.start()
    with ThreadPoolExecutor(len(clones)) as students:
        pushes = list(students.map(Clone.push, clones))
    page.stop()
    _wait_until_graded(database)
    handed_in_s = sorted(push.handed_in_s for push in pushes if push.handed_in_s is not None)
    return {
        "pushes": len(pushes),
        "succeeded": sum(push.code == 0 for push in pushes),
        "showed_score": sum(push.shows_score for push in pushes),
        "handed_in_median_s": round(statistics.median(handed_in_s), 2) if handed_in_s else None,
        "handed_in_longest_s": round(handed_in_s[-1], 2) if handed_in_s else None,
        "ended_longest_s": round(max(push.took_s for push in pushes), 1),
        "page_median_ms": round(statistics.median(page.times_ms), 1),
        "page_longest_ms": round(max(page.times_ms), 1),
        **_found(pushes, database, data_dir),
    }


def _wait_until_graded(database: Database) -> None:
    """Wait for those whose lines ended before."""
    deadline_s = time.monotonic() + GRADED_TIMEOUT_S
    unfinished = sa.select(sa.exists().where(GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING))))
    while True:
        with database.reading() as session:
            if not session.scalar(unfinished):
                return
        if time.monotonic() > deadline_s:
            raise TimeoutError("the queue did not drain")
        time.sleep(PAGE_PAUSE_S)


class _Page:
    """Somebody who looks at a page again and again."""

    def __init__(self, url: str):
        self.times_ms: list[float] = []
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.is_set():
            began_s = time.perf_counter()
            with urllib.request.urlopen(self._url, timeout=60) as answer:
                answer.read()
            self.times_ms.append((time.perf_counter() - began_s) * 1000)
            self._ended.wait(PAGE_PAUSE_S)


def _found(pushes: Sequence[Push], database: Database, data_dir: Path) -> dict[str, int]:
    """Return how many pushes are not there as they should be."""
    with database.reading() as session:
        people = {user.email: user for user in session.scalars(sa.select(User))}
        rows = session.execute(
            sa.select(User.email, Submission.filename, GradingRun.state)
            .join(Submission, Submission.user_id == User.id)
            .join(GradingRun, GradingRun.submission_id == Submission.id)
        ).all()
    stored = {email: (filename, state) for email, filename, state in rows}
    lost = wrong = damaged = 0
    for push in pushes:
        clone = push.clone
        filename, state = stored.get(clone.name, ("", None))
        lost += clone.commit[:12] not in filename
        repository = repository_of(data_dir, COURSE, UNIT, people[clone.name])
        wrong += state is not RunState.GRADED or repository.head() != clone.commit
        damaged += _is_damaged(repository.path)
    return {"lost": lost, "doubled": len(rows) - len(stored), "wrong": wrong, "damaged": damaged}


def _is_damaged(repository: Path) -> bool:
    checked = subprocess.run(
        ["git", f"--git-dir={repository}", "fsck", "--full", "--strict"], capture_output=True, text=True
    )
    return checked.returncode != 0 or "error" in checked.stderr
