"""A submission with a real archive, for the pages that show what is in it."""

from __future__ import annotations

from typing import Any

from grader.db.database import Database
from grader.judging.result import GradingResult
from tests.cast import half_done
from tests.people import World, make_run, make_submission
from tests.reading.hand_ins import packed


def hand_in_files(
    database: Database,
    world: World,
    changes: dict[str, bytes] | None = None,
    result: GradingResult | None = None,
    **fields: Any,
) -> str:
    """Store Ada's submission of the template with these changes, graded; return its public id."""
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada, packed(changes), **fields)
        make_run(session, submission, result or half_done(), seed=7)
        return submission.public_id
