"""The one way in: pages, API, git push and anything else hand in by calling `accept`.

Theory of operation. Intake reads the archive first, outside any transaction: a refusal there
stores nothing and uses no attempt. Then one transaction locks the student's row (so that two
 simultaneous uploads can't both be the last attempt), checks the course's terms, and stores archive,
submission, run and job. When `accept` returns, all of it is on disk; when it raises, none of it is.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Archive,
    AttemptState,
    CourseUnit,
    Enrolment,
    GradingRun,
    RunReason,
    Source,
    Submission,
    User,
)
from grader.db.models.submissions import new_public_id
from grader.errors import RefusedError
from grader.grades.terms import terms_for
from grader.submissions.archive import read_archive_bytes
from grader.submissions.names import shown
from grader.submissions.policy import refusal
from grader.unit_cache import current_unit
from grader.units import Unit

MAX_SEED = 2**53
UNPACKED_AT_ONCE = 2  # archives per process: one may fill 200 MiB while it is read

_unpacking = threading.BoundedSemaphore(UNPACKED_AT_ONCE)


class Queue(Protocol):
    """Where runs wait for a worker; `grader.jobs.queue.JobQueue` is the real one."""

    def add(self, session: Session, run: GradingRun) -> None:
        """Add a job for the run to the session's transaction."""

    def supersede(self, session: Session, course_unit_id: int, user_id: int, *, by: str) -> None:
        """Take the student's submissions of the unit that still wait out of the queue, for a newer one.

        Their attempts are given back; `by` is the newer one's public id.
        """


@dataclass(frozen=True)
class Upload:
    """What came in: the archive's bytes, its name for messages, the way it came, the client's key if any."""

    content: bytes
    filename: str
    source: Source
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Accepted:
    """The submission that an upload has become; `is_repeat`: it was there already, by its idempotency key."""

    public_id: str
    number: int
    is_late: bool
    is_repeat: bool


def accept(
    database: Database,
    queue: Queue,
    units_root: Path,
    course_unit_id: int,
    user_id: int,
    upload: Upload,
    at: datetime | None = None,
) -> Accepted:
    """Make the upload a submission of this user and queue its grading; it is safe once this returns.

    `at` is when it came in, now by default. Raises RejectedError if intake refuses the archive, and
    RefusedError if the course does not take it: not-a-member, not-open-yet, closed, no-attempts-left,
    key-reused. Then nothing is stored.
    """
    at = at or now()
    sha256 = hashlib.sha256(upload.content).hexdigest()
    request_digest = f"{course_unit_id}:{sha256}"
    if repeat := _find_repeat(database, user_id, upload, request_digest):
        return repeat  # also when the unit has closed in between
    with database.reading() as session:
        unit_name = session.get_one(CourseUnit, course_unit_id).unit
    digest = _read(upload, current_unit(unit_name, units_root))

    with database.writing() as session:
        course_unit = session.get_one(CourseUnit, course_unit_id)
        _lock_student(session, course_unit.course_id, user_id)
        _hold_terms(session, course_unit_id)
        if repeat := _repeat_in(session, user_id, upload, request_digest):
            return repeat
        terms, public_id = terms_for(session, course_unit, user_id), new_public_id()
        if course_unit.course.supersedes_queued:  # first, since it gives back the attempts of what waits
            queue.supersede(session, course_unit_id, user_id, by=public_id)
        if refused := refusal(terms, attempts_used(session, course_unit_id, user_id), at):
            raise refused
        if session.get(Archive, sha256) is None:
            _store_archive(session, sha256, upload.content)
        submission = Submission(
            public_id=public_id,
            course_unit_id=course_unit_id,
            user_id=user_id,
            number=_next_number(session, course_unit_id, user_id),
            source=upload.source,
            filename=shown(upload.filename),
            archive_sha256=sha256,
            digest=digest,
            received_at=at,
            is_late=terms.is_late(at),
            idempotency_key=upload.idempotency_key,
            request_digest=request_digest,
        )
        session.add(submission)
        session.flush()
        run = GradingRun(
            submission_id=submission.id,
            reason=RunReason.SUBMISSION,
            stands=True,
            seed=secrets.randbelow(MAX_SEED),
            queued_at=at,
        )
        session.add(run)
        session.flush()
        queue.add(session, run)
        return _accepted(submission, is_repeat=False)


def _read(upload: Upload, unit: Unit) -> str:
    """Return the digest of what the archive holds; RejectedError if intake refuses it.

    Its files are gone when this returns, and only so many archives are unpacked at once: memory stays bounded
    however many people hand in at the last minute.
    """
    with _unpacking:
        return read_archive_bytes(upload.content, upload.filename, unit.package, unit.required_files).digest


def attempts_used(session: Session, course_unit_id: int, user_id: int) -> int:
    """Return how many attempts this student has used for the unit; refunded ones do not count."""
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Submission)
        .where(
            Submission.course_unit_id == course_unit_id,
            Submission.user_id == user_id,
            Submission.attempt == AttemptState.USED,
        )
    )
    return count or 0


def _lock_student(session: Session, course_id: int, user_id: int) -> None:
    """Let nobody else hand in for this person meanwhile, in whichever course: keys are unique per person."""
    found = session.scalar(
        sa.select(Enrolment.id)
        .join(User, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id, User.id == user_id, Enrolment.ended_at.is_(None))
        .with_for_update(of=User, key_share=True)
    )
    if found is None:
        raise RefusedError("not-a-member", "You are not a member of this course.")


def _hold_terms(session: Session, course_unit_id: int) -> None:
    """Let nobody change the unit's terms or grant others meanwhile: whoever does locks the unit."""
    session.get_one(
        CourseUnit,
        course_unit_id,
        with_for_update={"read": True, "key_share": True},
        populate_existing=True,
    )


def _find_repeat(database: Database, user_id: int, upload: Upload, request_digest: str) -> Accepted | None:
    if upload.idempotency_key is None:
        return None
    with database.reading() as session:
        return _repeat_in(session, user_id, upload, request_digest)


def _repeat_in(session: Session, user_id: int, upload: Upload, request_digest: str) -> Accepted | None:
    if upload.idempotency_key is None:
        return None
    earlier = session.scalar(
        sa.select(Submission).where(
            Submission.user_id == user_id, Submission.idempotency_key == upload.idempotency_key
        )
    )
    if earlier is None:
        return None
    if earlier.request_digest != request_digest:
        raise RefusedError(
            "key-reused",
            "This Idempotency-Key was used for another hand-in. Send a fresh one for each hand-in.",
        )
    return _accepted(earlier, is_repeat=True)


def _store_archive(session: Session, sha256: str, content: bytes) -> None:
    """Store the archive, unless another student's identical one is being stored at this very moment."""
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    session.execute(
        insert(Archive)
        .values(sha256=sha256, size_bytes=len(content), content=content, created_at=now())
        .on_conflict_do_nothing()
    )


def _next_number(session: Session, course_unit_id: int, user_id: int) -> int:
    newest = session.scalar(
        sa.select(sa.func.max(Submission.number)).where(
            Submission.course_unit_id == course_unit_id, Submission.user_id == user_id
        )
    )
    return (newest or 0) + 1


def _accepted(submission: Submission, *, is_repeat: bool) -> Accepted:
    return Accepted(submission.public_id, submission.number, submission.is_late, is_repeat)
