"""What people decided and when; the database refuses to change or delete a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.base import Base, now


class AuditEvent(Base):
    """One act: `action` is a stable name (`run.regrade`), `subject` what it was done to, in words.

    `actor_id` None is the grader itself; `concerns_id` is the person whom it concerns, who may read it.
    """

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    concerns_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(sa.ForeignKey("courses.id"), index=True)
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
    address: Mapped[str | None]
