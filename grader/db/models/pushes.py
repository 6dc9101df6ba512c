"""Repositories elsewhere whose pushes are hand-ins, the pushes we were told of, and what we told back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now, text_enum
from grader.db.models.accounts import User
from grader.db.models.courses import CourseUnit
from grader.db.models.errands import Errand
from grader.db.models.states import CommitState, PushState
from grader.db.models.submissions import Submission, new_public_id


class RepositoryLink(Base):
    """A student's repository for a unit: `url` on a host of this `kind`, fetched by https only.

    `public_id` is in the address that the host tells of pushes; `secret` is what it signs them with.
    `token` is the student's own at that host: to fetch from a private repository, and to report the
    commit's status if `reports_status`. Both are sealed. `leased_until`: one of its pushes is being handed
    in, until then at the latest, and the others wait.
    """

    __tablename__ = "repository_links"
    __table_args__ = (sa.UniqueConstraint("course_unit_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    course_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("course_units.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    kind: Mapped[str]
    url: Mapped[str]
    secret: Mapped[str]
    token: Mapped[str | None]
    reports_status: Mapped[bool] = mapped_column(default=False)
    heard_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship()
    course_unit: Mapped[CourseUnit] = relationship()


class Push(Errand, Base):
    """A push to the default branch that we were told of: from commit `before` to `commit`.

    Told once: the host's `delivery` and what it signed, `body_sha256`, are unique per link. `text` says to
    the student what became of it.
    """

    __tablename__ = "pushes"
    __table_args__ = (
        sa.UniqueConstraint("link_id", "delivery"),
        sa.UniqueConstraint("link_id", "body_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("repository_links.id"))
    delivery: Mapped[str]
    body_sha256: Mapped[str]
    before: Mapped[str]
    commit: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[PushState] = mapped_column(text_enum(PushState, "state"), default=PushState.WAITING)
    text: Mapped[str | None]
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submissions.id"), index=True)

    link: Mapped[RepositoryLink] = relationship()
    submission: Mapped[Submission | None] = relationship()


class CommitStatus(Errand, Base):
    """What a host shall show beside a pushed commit. `wanted` changes as the grading goes on.

    Only the newest is sent: `version` goes up with each change, so that whoever sends an older one knows.
    `sent` is what the host was told last.
    """

    __tablename__ = "commit_statuses"

    push_id: Mapped[int] = mapped_column(sa.ForeignKey("pushes.id"), primary_key=True)
    wanted: Mapped[CommitState] = mapped_column(text_enum(CommitState, "wanted"))
    description: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    sent: Mapped[CommitState | None] = mapped_column(text_enum(CommitState, "sent"))

    push: Mapped[Push] = relationship()
