"""What a host shall show beside a pushed commit, written down in the transaction that it follows from.

Descriptions say how far it is, never the score: commits are often public, grades are not. While staff
withhold a unit's grades, a commit does not even show whether its grade is full.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CommitState, CommitStatus, GradingRun, Push, RunState
from grader.outbound import errands

WITHHELD = "Graded; the staff release the grades later."
ACCEPTED = "Handed in; it will be graded."
OF_STATE = {
    RunState.PROBLEM: "The grader failed; the staff know, and the attempt was given back.",
    RunState.CANCELLED: "The grading was cancelled.",
    RunState.SUPERSEDED: "A newer hand-in took its place before it was graded.",
}


def tell(session: Session, push: Push, wanted: CommitState, description: str) -> None:
    """Let the push's commit show this, if its link reports; its link is loaded or can be."""
    if not push.link.reports_status or push.link.token is None:
        return
    status = session.get(CommitStatus, push.id, with_for_update=True)
    if status is None:
        status = CommitStatus(push_id=push.id, wanted=wanted, description=description)
        session.add(status)
    else:
        status.wanted, status.description = wanted, description
        status.version += 1
    errands.begin(status, now())


def tell_of_hand_in(session: Session, push: Push) -> None:
    """Let the push's commit show that it was handed in, or how its grading ended, if it has by now."""
    while (run := _locked_standing_run(session, push)) is None:
        pass  # another has come to stand while this one was waited for
    if run.state.is_final:
        tell_of(session, run)
    else:
        tell(session, push, CommitState.PENDING, ACCEPTED)


def _locked_standing_run(session: Session, push: Push) -> GradingRun | None:
    """Return the run that stands, locked: else one that ends now would neither be seen nor see the push.

    It is the only one of the submission's that is locked: whoever exchanges them (a run that comes to stand,
    a regrade that is promoted or undone) may have locked some, and is not waited for with others in hand.
    """
    return session.scalar(
        sa.select(GradingRun)
        .where(GradingRun.submission_id == push.submission_id, GradingRun.stands)
        .with_for_update(key_share=True, of=GradingRun)
        .execution_options(populate_existing=True)
    )


def tell_of(session: Session, run: GradingRun) -> None:
    """Let the commit that the run's submission came from, if it did, show how the run has ended."""
    if not run.stands:
        return  # another run's result is shown
    pushes = session.scalars(sa.select(Push).where(Push.submission_id == run.submission_id))
    for push in pushes:
        if run.state is RunState.GRADED and run.submission.course_unit.are_grades_withheld:
            tell(session, push, CommitState.PENDING, WITHHELD)
        elif run.state is RunState.GRADED:
            is_full = run.score is not None and run.max_score is not None and run.score >= run.max_score
            wanted = CommitState.SUCCESS if is_full else CommitState.FAILURE
            tell(session, push, wanted, "Graded: full points." if is_full else "Graded: not all points yet.")
        else:
            tell(session, push, CommitState.ERROR, OF_STATE[run.state])
