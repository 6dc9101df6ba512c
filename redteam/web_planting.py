"""Where a text of somebody's choice gets into this grader: each place stores it and names its pages.

What people type is stored past the checks that forms make, and what the judge cleans is stored uncleaned:
pages must hold without them.
"""

from __future__ import annotations

from typing import Any

from grader.db.database import Database
from grader.judging.result import GradingResult
from redteam.web_target import Shown
from tests.people import World, make_run, make_submission
from tests.reading.hand_ins import packed
from tests.web.test_routes import Scene

EVERYWHERE = Shown("staff", "")  # on every page there is
LOSS = "g2c/nn/loss.py"


class Planter:
    """Stores texts in one site's database."""

    def __init__(self, database: Database, world: World, scene: Scene):
        self.database = database
        self.world = world
        self.scene = scene

    def submission(self, files: dict[str, bytes] | None = None, **fields: Any) -> str:
        """Store a hand-in of Ada's without a run; return its public id."""
        with self.database.writing() as session:
            content = packed(files)
            return make_submission(session, self.world.unit, self.world.ada, content, **fields).public_id

    def graded(self, result: GradingResult, **fields: Any) -> str:
        """Store a hand-in of Ada's with this result; return its public id."""
        with self.database.writing() as session:
            submission = make_submission(session, self.world.unit, self.world.ada, packed(), **fields)
            make_run(session, submission, result)
            return submission.public_id


def code_pages(public_id: str) -> list[Shown]:
    """Return the pages that show a submission's files."""
    page = f"/submissions/{public_id}"
    ends = ("/code", "/diff", "/diff?view=unified&whole=1", "/notebook")
    return [Shown(person, page + end) for person in ("student", "staff") for end in ends]
