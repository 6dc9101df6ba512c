"""What somebody has handed in, with the results that tests want."""

from __future__ import annotations

from typing import Any

from grader.db.database import Database
from grader.db.models import RunEvent, RunState, User
from grader.judging.result import GradingResult
from tests.people import World, make_run, make_submission
from tests.results.events import EVENTS


def hand_in(
    database: Database,
    world: World,
    *outcomes: GradingResult | RunState,
    person: User | None = None,
    **fields: Any,
) -> list[str]:
    """Store a submission for each outcome (a result, or a state without one); return their public ids."""
    ids = []
    with database.writing() as session:
        for outcome in outcomes:
            submission = make_submission(session, world.unit, person or world.ada, **fields)
            ids.append(submission.public_id)
            if isinstance(outcome, RunState):
                make_run(session, submission, state=outcome)
            else:
                make_run(session, submission, outcome)
    return ids


def run_on(database: Database, world: World, events: int = len(EVENTS)) -> str:
    """Store a submission of Ada's that is being graded and has come to this event; return its public id."""
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        run = make_run(session, submission, state=RunState.RUNNING)
        session.add_all(
            RunEvent(run_id=run.id, fence=run.fence, number=number, kind=kind, data=data)
            for number, kind, data in EVENTS[:events]
        )
        return submission.public_id
