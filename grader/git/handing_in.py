"""A pushed commit becomes a submission: its files as an archive, through the same `accept` as all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import CourseUnit, Source, Submission
from grader.errors import RejectedError
from grader.git.repositories import Repository
from grader.grades.terms import terms_for
from grader.submissions.accept import Accepted, Queue, accept, attempts_used
from grader.submissions.commits import upload_of_commit
from grader.submissions.git_reader import read_commit
from grader.submissions.intake import Intake
from grader.submissions.limits import IntakeLimits

LARGE_FILE_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


@dataclass(frozen=True)
class HandedIn:
    """What a push has become; `attempts_left` None: any number. `notes` are for the student."""

    accepted: Accepted
    attempts_left: int | None
    notes: tuple[str, ...]


def hand_in(
    database: Database,
    queue: Queue,
    units_root: Path,
    course_unit_id: int,
    user_id: int,
    repository: Repository,
    quarantine: Path,
    commit: str,
    at: datetime,
) -> HandedIn:
    """Make the commit, whose objects may still be in quarantine, a submission of this person.

    A commit that was the last to be handed in by git is the same hand-in again, not another one: so a push
    that died after it was stored can be repeated. To be called with the repository's lock held. Raises as
    `accept` does.
    """
    intake = Intake(IntakeLimits())
    read_commit(quarantine, commit, intake, others=[repository.path / "objects"])
    if intake.rejections:
        raise RejectedError(intake.rejections)
    key = _key(database, course_unit_id, user_id, commit)
    upload = upload_of_commit(intake.files, commit, key)
    accepted = accept(database, queue, units_root, course_unit_id, user_id, upload, at)
    with database.reading() as session:
        used = attempts_used(session, course_unit_id, user_id)
        course_unit = session.get_one(CourseUnit, course_unit_id)
        left = terms_for(session, course_unit, user_id).attempts_left(used)
    return HandedIn(accepted, left, (*intake.notes, *_pointers(intake.files)))


def _key(database: Database, course_unit_id: int, user_id: int, commit: str) -> str:
    """Return the idempotency key of this hand-in: that of the last one by git, if it is the same commit."""
    with database.reading() as session:
        number, key = session.execute(
            sa.select(Submission.number, Submission.idempotency_key)
            .where(
                Submission.course_unit_id == course_unit_id,
                Submission.user_id == user_id,
                Submission.source == Source.GIT,
            )
            .order_by(Submission.number.desc())
            .limit(1)
        ).one_or_none() or (0, "")
    mine = f"git {course_unit_id} {commit} after "
    return key if key and key.startswith(mine) else f"{mine}{number}"


def _pointers(files: Mapping[str, bytes]) -> list[str]:
    return [
        f"{path} is kept in Git LFS: what is handed in is its pointer, not its content."
        for path, content in files.items()
        if content.startswith(LARGE_FILE_POINTER)
    ]
