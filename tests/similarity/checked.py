"""Hand-ins in the database, and a check of them, as tests of pages need them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import CourseUnit, Submission, Task, TaskKind, TaskState, User
from grader.settings import Settings
from grader.similarity.check import run
from tests.people import make_submission


def zipped(files: Mapping[str, str]) -> bytes:
    """Return the files as an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return buffer.getvalue()


def hand_in_files(session: Session, unit: CourseUnit, user: User, files: Mapping[str, str]) -> Submission:
    """Store a submission of these files; it has not been graded."""
    return make_submission(session, unit, user, zipped(files))


def make_check(session: Session, unit: CourseUnit, earlier: Sequence[CourseUnit] = ()) -> Task:
    """Store a check that a worker has just taken."""
    task = Task(
        kind=TaskKind.SIMILARITY,
        course_unit_id=unit.id,
        arguments={"which": "latest", "earlier": [each.id for each in earlier]},
        progress={},
        state=TaskState.RUNNING,
        fence=1,
    )
    session.add(task)
    session.flush()
    return task


def carry_out(database: Database, settings: Settings, task: Task) -> dict[str, Any]:
    """Run the check as a worker's process does, and finish it."""
    result = run(database, settings, task, lambda progress: None, lambda: False)
    with database.writing() as session:
        stored = session.get_one(Task, task.id)
        stored.state, stored.result, stored.finished_at = TaskState.DONE, result, stored.queued_at
    return result
