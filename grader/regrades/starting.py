"""Starting a regrade: which submissions, by which version, and whether it can be done at all."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import (
    CourseUnit,
    GradingRun,
    Regrade,
    RegradedSubmission,
    RegradeMethod,
    RegradeScope,
    RegradeState,
    UnitVersion,
    User,
)
from grader.errors import RefusedError, UnitError
from grader.grades import audit
from grader.regrades.choosing import Standing, chosen
from grader.regrades.points_only import differences_beside_points
from grader.unit_cache import current_unit
from grader.units import Unit
from grader.versions.finding import Places
from grader.versions.materialising import materialised, short
from grader.versions.storing import is_stored

UNFINISHED = (RegradeState.RUNNING, RegradeState.PAUSED)


def start(
    session: Session,
    places: Places,
    course_unit: CourseUnit,
    version: UnitVersion,
    scope: RegradeScope,
    method: RegradeMethod,
    actor: User,
    reason: str,
    address: str | None = None,
) -> Regrade:
    """Write down a regrade of the unit's submissions by this version; workers begin with it at once.

    `reason` is what students will read. Raises RefusedError with what is in the way: no-reason, not-stored,
    other-unit, under-way, nothing-to-regrade, not-only-points.
    """
    if not reason.strip():
        raise RefusedError("no-reason", "Say why: students read it beside their new grade.")
    if version.unit != course_unit.unit:
        raise RefusedError("other-unit", "This version is of another unit.")
    if not is_stored(session, version):
        raise RefusedError("not-stored", "The files of this version were never stored.")
    _lock_unit(session, course_unit)
    submissions = _subjects(session, course_unit, scope, method)
    if method is RegradeMethod.RESCORE:
        _require_points_only(session, places, version, submissions)
    if not submissions:
        raise RefusedError("nothing-to-regrade", "No submission of this unit has a result yet.")
    regrade = Regrade(
        course_unit_id=course_unit.id,
        unit_version_id=version.id,
        method=method,
        scope=scope,
        reason=reason.strip(),
        requested_by_id=actor.id,
    )
    session.add(regrade)
    session.flush()
    session.add_all(
        RegradedSubmission(regrade_id=regrade.id, submission_id=each.submission_id) for each in submissions
    )
    record(session, "regrade.start", regrade, actor, address, submissions=len(submissions))
    session.flush()
    return regrade


def extend(
    session: Session, places: Places, regrade: Regrade, actor: User, address: str | None = None
) -> int:
    """Take into a regrade that is ready what has a result by now and is in its scope, and what met a problem.

    It goes on if there is anything; returns how many submissions there are to grade. Raises RefusedError as
    `start` does, and unless the regrade is ready.
    """
    lock(session, regrade, RegradeState.READY)
    _lock_unit(session, regrade.course_unit)
    failed = session.scalars(
        sa.select(RegradedSubmission)
        .join(GradingRun, RegradedSubmission.run_id == GradingRun.id)
        .where(RegradedSubmission.regrade_id == regrade.id, GradingRun.score.is_(None))
    ).all()
    new = newcomers(session, regrade)
    if regrade.method is RegradeMethod.RESCORE:
        _require_points_only(session, places, regrade.unit_version, new)
    for row in failed:
        row.run_id = None
    session.add_all(
        RegradedSubmission(regrade_id=regrade.id, submission_id=each.submission_id) for each in new
    )
    if failed or new:
        regrade.state, regrade.finished_at = RegradeState.RUNNING, None
        record(session, "regrade.extend", regrade, actor, address, new=len(new), again=len(failed))
    session.flush()
    return len(failed) + len(new)


def newcomers(session: Session, regrade: Regrade) -> list[Standing]:
    """Return what is in the regrade's scope by now, has a result, and is not part of it."""
    known = set(
        session.scalars(
            sa.select(RegradedSubmission.submission_id).where(RegradedSubmission.regrade_id == regrade.id)
        )
    )
    found = _subjects(session, regrade.course_unit, regrade.scope, regrade.method)
    return [each for each in found if each.submission_id not in known]


def lock(session: Session, regrade: Regrade, *states: RegradeState) -> None:
    """Let nobody else change the regrade until the transaction ends; RefusedError unless it is in a state."""
    session.refresh(regrade, with_for_update={"of": Regrade})
    if regrade.state not in states:
        raise RefusedError("other-state", f"This can't be done any more: the regrade is {regrade.state}.")


def record(
    session: Session,
    action: str,
    regrade: Regrade,
    actor: User,
    address: str | None,
    **details: object,
) -> None:
    """Write down what was done to the regrade."""
    version = session.get_one(UnitVersion, regrade.unit_version_id)
    audit.record(
        session,
        action,
        actor=actor,
        course_id=regrade.course_unit.course_id,
        subject=f"regrade {regrade.public_id} of unit {regrade.course_unit.slug}",
        details={"version": short(version.digest), "reason": regrade.reason, **details},
        address=address,
    )


def _lock_unit(session: Session, course_unit: CourseUnit) -> None:
    """Let nobody else start a regrade of the unit meanwhile; RefusedError if one is under way."""
    session.refresh(course_unit, with_for_update={"of": CourseUnit})
    unfinished = sa.select(Regrade.id).where(
        Regrade.course_unit_id == course_unit.id, Regrade.state.in_(UNFINISHED)
    )
    if session.scalar(unfinished.limit(1)) is not None:
        raise RefusedError(
            "under-way", "Another regrade of this unit is under way. Wait for it, or cancel it."
        )


def _subjects(
    session: Session, course_unit: CourseUnit, scope: RegradeScope, method: RegradeMethod
) -> list[Standing]:
    """Return the submissions that such a regrade is about now; points are counted from scores only."""
    found = chosen(session, course_unit, scope)
    return found if method is RegradeMethod.RUN else [each for each in found if each.score is not None]


def _require_points_only(
    session: Session, places: Places, version: UnitVersion, submissions: list[Standing]
) -> None:
    """Raise RefusedError unless each submission was graded by tests that differ in points alone."""
    new = _unit(places, version)
    for version_id in {each.unit_version_id for each in submissions}:
        old = None if version_id is None else session.get_one(UnitVersion, version_id)
        if old is None or not is_stored(session, old):
            raise RefusedError(
                "not-only-points",
                "Some submissions were graded by tests that are not stored, so nobody can say that only "
                "points differ. Run the tests again instead.",
            )
        found = differences_beside_points(_unit(places, old), new)
        if found:
            raise RefusedError(
                "not-only-points",
                f"More than points differs from version {short(old.digest)}, by which some submissions were "
                f"graded. Run the tests again instead. {' '.join(found)}",
            )


def _unit(places: Places, version: UnitVersion) -> Unit:
    try:
        return current_unit(version.unit, materialised(version, places.data_dir))
    except UnitError as error:
        raise RefusedError("unreadable", str(error)) from error
