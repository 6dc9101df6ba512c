"""A course whose hand-ins are graded by acting: claimed and published as by a worker, with made results.

`Acted.grade` carries out what waits, in the queue's order of adding; what a run gives depends on its student
and on the version that it is graded by, as the test says.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import Base
from grader.db.database import Database
from grader.db.models import (
    AuditEvent,
    CourseUnit,
    GradingRun,
    Regrade,
    RegradeMethod,
    RegradeScope,
    RunReason,
    RunState,
    Submission,
    UnitVersion,
    User,
    Worker,
)
from grader.jobs import liveness
from grader.jobs.claiming import claim
from grader.jobs.failures import PAUSES_S, record_failure
from grader.jobs.publishing import publish
from grader.judging.result import GradingResult, Outcome
from grader.regrades.feeding import advance
from grader.regrades.starting import start
from grader.settings import CHECKOUT, Settings
from grader.unit_cache import current_unit
from grader.units import Unit
from grader.versions.finding import root_for
from grader.versions.storing import store_version
from tests.factories import make_result
from tests.people import World, enrol, make_person, make_submission

WORKER = "acted"
Verdict = Callable[[str, Unit], GradingResult | None]  # by the student's address; None: a failure of ours


def copy_unit(folder: Path) -> Path:
    """Return a units root of the test's own with the unit `nn`."""
    for kind in ("hidden_tests", "reference", "student_template"):
        shutil.copytree(CHECKOUT / kind / "nn", folder / kind / "nn")
    return folder


def failing(*tests: str) -> GradingResult:
    """A result in which these tests fail and all others pass."""
    return make_result(dict.fromkeys(tests, (Outcome.FAILED, "AssertionError", None)), pictures={})


@dataclass
class Acted:
    """The course, its queue (a list of runs), and what grading gives."""

    database: Database
    settings: Settings
    world: World
    verdict: Verdict
    waiting: list[int] = field(default_factory=list)

    def add(self, session: Session, run: GradingRun, *, delay_s: float = 0.0) -> None:
        self.waiting.append(run.id)

    def supersede(self, session: Session, course_unit_id: int, user_id: int, *, by: str) -> None:
        raise AssertionError("nothing is handed in here")

    def students(self, count: int) -> list[User]:
        with self.database.writing() as session:
            people = [make_person(session, f"Student{number:03} Doe") for number in range(count)]
            for person in people:
                enrol(session, self.world.course, person, section="ABCD"[person.id % 4])
            return people

    def hand_in(self, person: User, **fields: Any) -> int:
        """Store a submission and its run, and grade it; return the run."""
        with self.database.writing() as session:
            unit = session.get_one(CourseUnit, self.world.unit.id)
            submission = make_submission(session, unit, person, **fields)
            run = GradingRun(
                submission_id=submission.id, reason=RunReason.SUBMISSION, stands=True, seed=submission.id * 7
            )
            session.add(run)
            session.flush()
            self.add(session, run)
        self.grade()
        return run.id

    def change_tests(self, text: str = "# changed\n") -> None:
        """Change the tests on disk."""
        path = self.settings.units_root / "hidden_tests" / "nn" / "test_sgd.py"
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def change_toml(self, old: str, new: str) -> None:
        path = self.settings.units_root / "hidden_tests" / "nn" / "unit.toml"
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    def store(self, label: str) -> UnitVersion:
        with self.database.writing() as session:
            return store_version(session, self.settings.units_root, "nn", label)

    def start(
        self,
        version: UnitVersion,
        scope: RegradeScope = RegradeScope.COUNTING,
        method: RegradeMethod = RegradeMethod.RUN,
        reason: str = "The test of weight decay was wrong.",
    ) -> int:
        with self.database.writing() as session:
            unit = session.get_one(CourseUnit, self.world.unit.id)
            wanted = session.get_one(UnitVersion, version.id)
            return start(session, self.settings, unit, wanted, scope, method, self.world.ines, reason).id

    def advance(self) -> None:
        advance(self.database, self, self.settings)

    def grade(self, at_most: int = 1_000_000) -> int:
        """Grade what waits; return how many runs that were."""
        with self.database.reading() as session:
            is_known = session.get(Worker, WORKER) is not None
        if not is_known:
            liveness.enter(self.database, WORKER, slots=2, sandbox="none")
        graded = 0
        while self.waiting and graded < at_most:
            self._grade(self.waiting.pop(0))
            graded += 1
        return graded

    def finish(self) -> int:
        """Let workers work until nothing of a regrade is left to do; return how many runs were graded."""
        total = 0
        while True:
            self.advance()
            if not (graded := self.grade()):
                return total
            total += graded

    def do(self, act: Callable[..., Any], regrade_id: int, *more: Any) -> Any:
        """Do something with the regrade, as Ines, in a transaction of its own."""
        with self.database.writing() as session:
            return act(session, *more, session.get_one(Regrade, regrade_id), self.world.ines)

    def regrade(self, regrade_id: int) -> Regrade:
        with self.database.reading() as session:
            return session.get_one(Regrade, regrade_id)

    def runs(self, regrade_id: int) -> list[GradingRun]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(GradingRun).where(GradingRun.regrade_id == regrade_id)))

    def scores(self) -> dict[str, float | None]:
        """The standing scores, by the submission's public id."""
        with self.database.reading() as session:
            found = session.execute(
                sa.select(Submission.public_id, GradingRun.score)
                .join(GradingRun, GradingRun.submission_id == Submission.id)
                .where(GradingRun.stands)
            )
            return {public_id: score for public_id, score in found}  # noqa: C416

    def all_rows(self, *but: str) -> dict[str, list[str]]:
        """Every row of every table but these, to compare."""
        with self.database.reading() as session:
            return {
                table.name: sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
                for table in Base.metadata.sorted_tables
                if table.name not in but
            }

    def told(self, action: str) -> list[int | None]:
        """Whom events of this action concern."""
        with self.database.reading() as session:
            return list(session.scalars(sa.select(AuditEvent.concerns_id).where(AuditEvent.action == action)))

    def _grade(self, run_id: int) -> None:
        with self.database.writing() as session:
            run = session.get_one(GradingRun, run_id)
            claimed = claim(session, run_id, run.tries, WORKER)
            if claimed is None:
                return
            unit = current_unit("nn", root_for(session, run, self.settings))
            email = run.submission.user.email
        result = self.verdict(email, unit)
        with self.database.writing() as session:
            if result is None:
                session.get_one(GradingRun, run_id).tries = len(PAUSES_S)  # it was the last try
                session.flush()
                record_failure(session, self, run_id, len(PAUSES_S), "no sandbox", claimed.fence)  # type: ignore[arg-type]
                return
            result = replace(result, provenance={**result.provenance, "unit_digest": unit.digest})
            assert publish(session, claimed, unit, result)


__all__ = ["Acted", "RunState", "copy_unit", "failing"]
