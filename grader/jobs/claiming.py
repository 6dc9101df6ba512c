"""Taking a run: from a job to what there is to grade."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import Archive, CourseUnit, GradingRun, RunEvent, RunState, Submission
from grader.judging.job import Job
from grader.submissions.archive import read_archive_bytes
from grader.units import Unit


@dataclass(frozen=True)
class Claim:
    """A run that is ours to grade for as long as its fence is this one."""

    run_id: int
    tries: int
    fence: int
    submission: str
    unit: str
    seed: int
    filename: str
    archive_sha256: str


def claim(session: Session, run_id: int, tries: int, worker_id: str) -> Claim | None:
    """Take the run for this worker, from whoever had it; None if it is over or at another try.

    From now on only the holder of the new fence can write to it.
    """
    fence = session.scalar(
        sa.update(GradingRun)
        .where(
            GradingRun.id == run_id,
            GradingRun.tries == tries,
            GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING)),
        )
        .values(
            fence=GradingRun.fence + 1,
            state=RunState.RUNNING,
            worker_id=worker_id,
            started_at=now(),
            first_result_at=None,
        )
        .returning(GradingRun.fence)
    )
    if fence is None:
        return None
    session.execute(sa.delete(RunEvent).where(RunEvent.run_id == run_id))
    public_id, filename, sha256, unit, seed = session.execute(
        sa.select(
            Submission.public_id,
            Submission.filename,
            Submission.archive_sha256,
            CourseUnit.unit,
            GradingRun.seed,
        )
        .select_from(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
        .where(GradingRun.id == run_id)
    ).one()
    return Claim(run_id, tries, fence, public_id, unit, seed, filename, sha256)


def load_job(session: Session, claimed: Claim, unit: Unit) -> Job:
    """Read the claimed run's archive; RejectedError if the unit refuses it by now."""
    content = session.scalars(
        sa.select(Archive.content).where(Archive.sha256 == claimed.archive_sha256)
    ).one()
    read = read_archive_bytes(content, claimed.filename, unit.package, unit.required_files)
    return Job(
        files=dict(read.files),
        digest=read.digest,
        seed=claimed.seed,
        with_mnist=unit.mnist is not None,
        ignored=read.ignored,
        notes=read.notes,
        review=read.review,
    )
