"""What was handed in: the archive as it came, and the submission that it makes."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now, text_enum
from grader.db.models.accounts import User
from grader.db.models.courses import CourseUnit
from grader.db.models.states import AttemptState, Source

PUBLIC_ID_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0 and o, 1, i and l
PUBLIC_ID_LENGTH = 12


def new_public_id() -> str:
    """Return a fresh name for addresses: 59 random bits, which nobody guesses or counts up."""
    return "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _ in range(PUBLIC_ID_LENGTH))


class Archive(Base):
    """The bytes of a hand-in, once per content; `sha256` in lower-case hexadecimal."""

    __tablename__ = "archives"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Submission(Base):
    """One accepted hand-in. `number` counts a student's submissions of a unit from 1.

    `digest` is over the files that count (see `grader.submissions.archive.Submission`).
    `idempotency_key` is what the client sent, unique per user; `request_digest` tells a repetition
    of the same request from another one under the same key.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        sa.UniqueConstraint("course_unit_id", "user_id", "number"),
        sa.UniqueConstraint("user_id", "idempotency_key"),
        sa.Index("ix_submissions_user_id_received_at", "user_id", "received_at"),
        sa.Index("ix_submissions_course_unit_id_received_at", "course_unit_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    course_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("course_units.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    number: Mapped[int]
    source: Mapped[Source] = mapped_column(text_enum(Source, "source"))
    filename: Mapped[str]
    archive_sha256: Mapped[str] = mapped_column(sa.ForeignKey("archives.sha256"), index=True)
    digest: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(default=now)
    is_late: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[AttemptState] = mapped_column(
        text_enum(AttemptState, "attempt"), default=AttemptState.USED
    )
    idempotency_key: Mapped[str | None]
    request_digest: Mapped[str | None]

    user: Mapped[User] = relationship()
    course_unit: Mapped[CourseUnit] = relationship()
    archive: Mapped[Archive] = relationship()
