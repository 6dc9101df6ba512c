"""A run's report from the database, as one audience may see it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, GradingRun, RunReport, RunState
from grader.grades.terms import unit_terms
from grader.judging.result import GradingResult, Status
from grader.results.unit_files import visibility_rules
from grader.results.visibility import Audience, Filter, filter_for, filtered, is_withheld

_NO_REASON = "What went wrong was not recorded."


def filter_of(
    session: Session, course_unit: CourseUnit, audience: Audience, units_root: Path, at: datetime
) -> Filter:
    """Return what this audience may see of the unit's results at this moment.

    "After the deadline" means once nobody can hand in any more: late hand-ins are waited for, and so is
    everyone who was granted more time. Else those whose time is over could tell the others what hidden tests
    say while these can still use it.
    """
    closes_at = unit_terms(session, [course_unit])[course_unit.id].closes_for_all_at()
    deadline_over = closes_at is not None and at > closes_at
    return filter_for(
        visibility_rules(course_unit.unit, units_root),
        audience,
        deadline_over,
        is_withheld(course_unit, audience),
    )


def standing_run(session: Session, submission_id: int) -> GradingRun:
    """Return the submission's run whose result counts and is shown."""
    query = sa.select(GradingRun).where(GradingRun.submission_id == submission_id, GradingRun.stands)
    return session.scalars(query).one()


def whole_report(session: Session, run: GradingRun) -> GradingResult | None:
    """Return everything that the run has found out; None if it has no report. Not to be shown as it is.

    A run that failed by our own fault has a report that says so.
    """
    if run.state is RunState.PROBLEM:
        unit = run.submission.course_unit.unit
        return GradingResult(unit, Status.GRADER_PROBLEM, problem=run.problem or _NO_REASON)
    row = session.get(RunReport, run.id)
    return None if row is None else GradingResult.from_json(row.report)


def shown_report(session: Session, run: GradingRun, allowed: Filter) -> GradingResult | None:
    """Return the run's report as the filter lets it through; None while there is none."""
    result = whole_report(session, run)
    return None if result is None else filtered(result, allowed)
