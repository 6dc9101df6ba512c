"""Letting a regrade's runs count, all at once, and taking that back.

What became of a submission meanwhile:

- Handed in since the regrade began, or not in its scope: it keeps its result. Whatever is graded from now on
  is graded by the new version, since that is pinned; `extend` takes in what is missing before a promotion.
- Graded again by itself meanwhile: the regrade's run replaces that one, too, and undoing brings that back.
  One that is still waiting or running is cancelled, since it would stand later, by the older tests.
- Met a problem of ours in the regrade: it keeps its result.
- Graded again by itself after the promotion: undoing leaves that, and the version that is pinned by then if
  somebody has pinned another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.models import (
    CourseUnit,
    GradingRun,
    Regrade,
    RegradedSubmission,
    RegradeState,
    RunState,
    Submission,
    User,
)
from grader.errors import RefusedError
from grader.grades import audit
from grader.jobs.announcing import announce
from grader.jobs.cancellation import cancel
from grader.regrades.feeding import UNFINISHED
from grader.regrades.starting import lock, record

PORTION = 500
WITH_ALL_TO_TELL = (
    joinedload(GradingRun.submission).joinedload(Submission.user),
    joinedload(GradingRun.submission).joinedload(Submission.course_unit).joinedload(CourseUnit.course),
)


def promote(session: Session, regrade: Regrade, actor: User, address: str | None = None) -> int:
    """Let each graded run of the regrade stand, and pin its version; return how many stand now.

    Raises RefusedError unless the regrade is ready, and if nothing of it could be graded.
    """
    lock(session, regrade, RegradeState.READY)
    unit = _lock_unit(session, regrade)
    rows = _rows(session, regrade)
    graded = [row for row in rows if row.run is not None and row.run.state is RunState.GRADED]
    if not graded:
        raise RefusedError("nothing-graded", "None of its runs could be graded: nothing could count.")
    submissions = [row.submission_id for row in graded]
    _lock_submissions(session, submissions)
    for run in _unfinished(session, submissions):
        cancel(session, run, actor, address)
    standing = _standing(session, submissions)
    for row in graded:
        row.replaced_run_id = standing[row.submission_id]
    new = [row.run_id for row in graded if row.run_id is not None]
    _exchange(session, standing.values(), new)
    regrade.previous_version_id, unit.pinned_version_id = unit.pinned_version_id, regrade.unit_version_id
    regrade.state, regrade.promoted_by_id, regrade.promoted_at = RegradeState.PROMOTED, actor.id, now()
    record(session, "regrade.promote", regrade, actor, address, submissions=len(graded))
    _tell(session, regrade, new, "regrade.result", actor, address)
    return len(graded)


def undo(session: Session, regrade: Regrade, actor: User, address: str | None = None) -> int:
    """Let what stood before the promotion stand again, and pin what was pinned; return how many do.

    Raises RefusedError unless the regrade is promoted, and while a later one of the unit is.
    """
    lock(session, regrade, RegradeState.PROMOTED)
    unit = _lock_unit(session, regrade)
    if _is_built_upon(session, regrade):
        raise RefusedError("later-regrade", "A later regrade of this unit counts. Take that back first.")
    replaced = {row.submission_id: row for row in _rows(session, regrade) if row.replaced_run_id is not None}
    _lock_submissions(session, replaced.keys())
    standing = _standing(session, replaced.keys())
    still = [row for row in replaced.values() if standing[row.submission_id] == row.run_id]
    back = [row.replaced_run_id for row in still if row.replaced_run_id is not None]
    _exchange(session, [row.run_id for row in still if row.run_id is not None], back)
    if unit.pinned_version_id == regrade.unit_version_id:
        unit.pinned_version_id = regrade.previous_version_id
    regrade.state, regrade.undone_by_id, regrade.undone_at = RegradeState.UNDONE, actor.id, now()
    record(session, "regrade.undo", regrade, actor, address, submissions=len(still))
    _tell(session, regrade, back, "regrade.result-back", actor, address)
    return len(still)


def _lock_unit(session: Session, regrade: Regrade) -> CourseUnit:
    return session.get_one(
        CourseUnit, regrade.course_unit_id, with_for_update={"of": CourseUnit}, populate_existing=True
    )


def _rows(session: Session, regrade: Regrade) -> Sequence[RegradedSubmission]:
    return session.scalars(
        sa.select(RegradedSubmission)
        .where(RegradedSubmission.regrade_id == regrade.id)
        .options(joinedload(RegradedSubmission.run))
        .order_by(RegradedSubmission.submission_id)
    ).all()


def _lock_submissions(session: Session, ids: Collection[int]) -> None:
    """Let nobody grade one of these again by itself meanwhile: that locks its submission, too.

    Whoever holds a run that is to be locked next may still write down events about its submission.
    """
    for some in _portions(ids):
        session.execute(
            sa.select(Submission.id)
            .where(Submission.id.in_(some))
            .order_by(Submission.id)
            .with_for_update(key_share=True)
        )


def _unfinished(session: Session, submission_ids: Collection[int]) -> list[GradingRun]:
    """Return the runs of these that would stand once they are over, locked before those that stand now."""
    found: list[GradingRun] = []
    for some in _portions(submission_ids):
        found += session.scalars(
            sa.select(GradingRun)
            .where(GradingRun.submission_id.in_(some), GradingRun.state.in_(UNFINISHED))
            .where(GradingRun.decides)
            .order_by(GradingRun.id)
            .with_for_update(of=GradingRun)
        )
    return found


def _standing(session: Session, submission_ids: Collection[int]) -> dict[int, int]:
    """Return the runs that stand, by their submission."""
    found: dict[int, int] = {}
    for some in _portions(submission_ids):
        for submission_id, run_id in session.execute(
            sa.select(GradingRun.submission_id, GradingRun.id)
            .where(GradingRun.submission_id.in_(some), GradingRun.stands)
            .order_by(GradingRun.id)
            .with_for_update()
        ):
            found[submission_id] = run_id
    return found


def _exchange(session: Session, old: Collection[int], new: Collection[int]) -> None:
    """Let the new runs stand instead of the old ones; at no moment do two of one submission."""
    session.flush()
    for runs, stands in ((old, False), (new, True)):
        for some in _portions(runs):
            session.execute(sa.update(GradingRun).where(GradingRun.id.in_(some)).values(stands=stands))


def _portions(ids: Collection[int]) -> Iterator[list[int]]:
    """Yield the ids in their order, so many at a time as a database takes in one query."""
    ordered = sorted(ids)
    for begin in range(0, len(ordered), PORTION):
        yield ordered[begin : begin + PORTION]


def _is_built_upon(session: Session, regrade: Regrade) -> bool:
    later = sa.select(Regrade.id).where(
        Regrade.course_unit_id == regrade.course_unit_id,
        Regrade.state == RegradeState.PROMOTED,
        Regrade.promoted_at > regrade.promoted_at,
    )
    return session.scalar(later.limit(1)) is not None


def _tell(
    session: Session,
    regrade: Regrade,
    run_ids: Collection[int],
    action: str,
    actor: User,
    address: str | None,
) -> None:
    """Tell the students, webhooks and hosts of commits of the runs that stand now.

    What students read names no score: their grades may be withheld.
    """
    for some in _portions(run_ids):
        runs = session.scalars(
            sa.select(GradingRun)
            .where(GradingRun.id.in_(some))
            .options(*WITH_ALL_TO_TELL)
            .order_by(GradingRun.id)
            .execution_options(populate_existing=True)
        ).all()
        for run in runs:
            _tell_of(session, regrade, run, action, actor, address)


def _tell_of(
    session: Session, regrade: Regrade, run: GradingRun, action: str, actor: User, address: str | None
) -> None:
    if run.state is RunState.GRADED:  # what stood before may have been a problem of ours
        announce(session, run)
    audit.record(
        session,
        action,
        actor=actor,
        course_id=run.submission.course_unit.course_id,
        subject=f"submission {run.submission.public_id}, run {run.id}",
        concerns_id=run.submission.user_id,
        submission_id=run.submission_id,
        details={"reason": regrade.reason, "regrade": regrade.public_id},
        address=address,
    )
