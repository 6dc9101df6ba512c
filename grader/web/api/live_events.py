"""What happens to a submission, look by look: the events that a stream sends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunState
from grader.results.live import LiveTest, live_from
from grader.results.reports import standing_run
from grader.results.visibility import Filter, shown_duration_s
from grader.web.api.runs import phase_of, queue_of, unfinished_run
from grader.web.api.values import finite

KINDS = ("phase", "test", "epoch", "phase_end")


@dataclass(frozen=True)
class Event:
    """One event: its kind, its data, and its id (`grading.try.number`) if the stream can go on after it."""

    kind: str
    data: Mapping[str, Any]
    id: str | None = None


class Follower:
    """Follows one submission as one audience may see it; `look` as often as you like until `is_over`.

    `last_seen` is the id of the event after which to go on; one of an earlier try counts for nothing.
    """

    def __init__(
        self,
        database: Database,
        submission_id: int,
        allowed: Filter,
        last_seen: str | None = None,
        queue_look_s: float = 1.0,
    ):
        self.is_over = False
        self._database = database
        self._submission_id = submission_id
        self._allowed = allowed
        self._last_seen = last_seen or ""
        self._queue_look_s = queue_look_s
        self._looked_at_queue_s = -queue_look_s
        self._state: tuple[RunState, int | None] | None = None
        self._run_id = 0
        self._grading = 0
        self._try = ""
        self._rows: list[tuple[int, str, Mapping[str, Any]]] = []

    def look(self) -> list[Event]:
        """Return what has happened since the last look, or since `last_seen`."""
        with self._database.reading() as session:
            run = unfinished_run(session, self._submission_id)
            standing = run or standing_run(session, self._submission_id)
            self._allowed = self._allowed.still(standing.submission.course_unit)
            if run is None:
                self.is_over = True
                return [_result(standing, self._allowed)]
            if run.state is RunState.QUEUED:
                return self._wait(session, run)
            return [*self._changed(run.state, None), *self._new(session, run)]

    def _wait(self, session: Session, run: GradingRun) -> list[Event]:
        at_s = time.monotonic()
        if at_s - self._looked_at_queue_s < self._queue_look_s:
            return []
        self._looked_at_queue_s = at_s
        return self._changed(run.state, queue_of(session, run))

    def _changed(self, state: RunState, queue: dict[str, Any] | None) -> list[Event]:
        """Return the event of another state or place in the queue, if it is another."""
        found = (state, None if queue is None else queue["position"])
        if found == self._state:
            return []
        self._state = found
        return [Event("state", {"state": state, "queue": queue})]

    def _new(self, session: Session, run: GradingRun) -> list[Event]:
        """Return the events that the run's present worker has added."""
        if run.id != self._run_id:
            self._run_id, self._grading = run.id, _count_gradings(session, run)
        if (present := f"{self._grading}.{run.fence}") != self._try:
            self._try, self._rows = present, []
            seen_try, _, seen = self._last_seen.rpartition(".")
            skip_to = int(seen) if seen_try == present else 0
        else:
            skip_to = 0
        last = self._rows[-1][0] if self._rows else 0
        rows = session.execute(
            sa.select(RunEvent.number, RunEvent.kind, RunEvent.data)
            .where(RunEvent.run_id == run.id, RunEvent.fence == run.fence, RunEvent.number > last)
            .order_by(RunEvent.number)
        )
        new = [] if self._allowed.withheld else [(number, kind, data) for number, kind, data in rows]
        self._rows += new
        tests = {test.number: test for test in live_from(self._rows, self._allowed).tests}
        return [
            Event(kind, _shown(kind, data, tests.get(number), self._allowed), f"{present}.{number}")
            for number, kind, data in new
            if number > skip_to and kind in KINDS
        ]


def _count_gradings(session: Session, run: GradingRun) -> int:
    """Return which grading of its submission this is, counted from 1."""
    return session.scalars(
        sa.select(sa.func.count())
        .select_from(GradingRun)
        .where(GradingRun.submission_id == run.submission_id, GradingRun.id <= run.id)
    ).one()


def _shown(kind: str, data: Mapping[str, Any], test: LiveTest | None, allowed: Filter) -> dict[str, Any]:
    """Return what may be said of an event: only fields that are named here ever leave the database."""
    match kind:
        case "phase":
            return phase_of(data)
        case "test":
            assert test is not None
            shown = {"name": test.name, "group": test.group, "outcome": test.outcome}
            return {**shown, "done": data["done"], "total": data["total"]}
        case "epoch":
            student, reference = _epoch(data["student"]), _epoch(data["reference"])
            return {"epoch": data["epoch"], "of": data["of"], "student": student, "reference": reference}
        case "phase_end":
            return {"name": data["name"], "duration_s": shown_duration_s(data["duration_s"], allowed)}
        case _:
            raise ValueError(f"no event of kind {kind!r} is for anyone")


def _epoch(data: Mapping[str, Any] | None) -> dict[str, float | None] | None:
    if data is None:
        return None
    return {name: finite(data[name]) for name in ("train_loss", "val_accuracy")}


def _result(run: GradingRun, allowed: Filter) -> Event:
    is_graded = run.state is RunState.GRADED and not allowed.withheld
    return Event(
        "result",
        {
            "state": run.state,
            "score": finite(run.score) if is_graded else None,
            "max_score": finite(run.max_score) if is_graded else None,
        },
    )
