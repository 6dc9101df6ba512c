"""A submission as the API shows it: which run is shown, how it stands, where it waits, how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AttemptState, GradingRun, RunEvent, RunReason, RunState, Submission
from grader.jobs.queue_position import queue_position
from grader.results.reports import standing_run
from grader.results.visibility import Audience, is_withheld, shown_moment
from grader.web.api.values import address, finite, moment

UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


def unfinished_run(session: Session, submission_id: int) -> GradingRun | None:
    """Return the run that waits or goes on, and will stand; None if all is over."""
    return session.scalars(
        sa.select(GradingRun)
        .where(
            GradingRun.submission_id == submission_id,
            GradingRun.state.in_(UNFINISHED),
            GradingRun.decides,
        )
        .order_by(GradingRun.id.desc())
        .limit(1)
    ).one_or_none()


def status_of(session: Session, submission: Submission, audience: Audience) -> dict[str, Any]:
    """Return a SubmissionStatus of the document, as this audience may see it."""
    standing = standing_run(session, submission.id)
    unfinished = unfinished_run(session, submission.id)
    return {
        **submission_of(
            submission, standing, unfinished is not None and unfinished is not standing, audience
        ),
        "queue": queue_of(session, unfinished),
        "progress": None
        if is_withheld(submission.course_unit, audience)
        else _progress_of(session, unfinished),
    }


def submission_of(
    submission: Submission, standing: GradingRun, is_being_regraded: bool, audience: Audience
) -> dict[str, Any]:
    """Return a Submission of the document, as this audience may see it."""
    withheld = is_withheld(submission.course_unit, audience)
    has_score = standing.state is RunState.GRADED and not withheld
    return {
        **identification(submission),
        "user": {"name": submission.user.name, "email": submission.user.email},
        "filename": submission.filename,
        "source": submission.source,
        "received_at": moment(submission.received_at),
        "uses_attempt": submission.attempt is AttemptState.USED,
        "state": standing.state,
        "is_being_regraded": is_being_regraded,
        "started_at": None if withheld else moment(shown_moment(standing.started_at, audience)),
        "finished_at": None if withheld else moment(shown_moment(standing.finished_at, audience)),
        "score": finite(standing.score) if has_score else None,
        "max_score": finite(standing.max_score) if has_score else None,
        "is_withheld": withheld,
    }


def identification(submission: Submission) -> dict[str, Any]:
    """Return what names a submission and says where to go on: an Accepted of the document."""
    unit, public_id = submission.course_unit, submission.public_id
    return {
        "id": public_id,
        "course": unit.course.slug,
        "unit": unit.slug,
        "number": submission.number,
        "is_late": submission.is_late,
        "urls": {
            "self": address("api.show_submission", public_id=public_id),
            "report": address("api.show_report", public_id=public_id),
            "events": address("api.follow_submission", public_id=public_id),
            "page": address("pages.submission", public_id=public_id),
        },
    }


def queue_of(session: Session, run: GradingRun | None) -> dict[str, Any] | None:
    """Return a Queue of the document; None if the run does not wait."""
    if run is None or run.state is not RunState.QUEUED:
        return None
    found = queue_position(session, run)
    return {"position": found.position, "expected_start_s": finite(found.expected_start_s)}


def phase_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a PhaseEvent of the document."""
    return {"name": data["name"], "title": data["title"]}


def regraded_among(session: Session, submission_ids: list[int]) -> set[int]:
    """Return those of the submissions that are being graded once more."""
    return set(
        session.scalars(
            sa.select(GradingRun.submission_id).where(
                GradingRun.submission_id.in_(submission_ids),
                GradingRun.reason == RunReason.REGRADE,
                GradingRun.decides,
                GradingRun.state.in_(UNFINISHED),
                sa.not_(GradingRun.stands),
            )
        )
    )


def _progress_of(session: Session, run: GradingRun | None) -> dict[str, Any] | None:
    if run is None or run.state is not RunState.RUNNING:
        return None
    phase, test = _latest(session, run, "phase"), _latest(session, run, "test")
    return {
        "phase": None if phase is None else phase_of(phase.data),
        "tests_done": test.data["done"] if test else 0,
        "tests_total": test.data["total"] if test else 0,
    }


def _latest(session: Session, run: GradingRun, kind: str) -> RunEvent | None:
    return session.scalars(
        sa.select(RunEvent)
        .where(RunEvent.run_id == run.id, RunEvent.fence == run.fence, RunEvent.kind == kind)
        .order_by(RunEvent.number.desc())
        .limit(1)
    ).one_or_none()
