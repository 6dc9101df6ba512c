"""Where a course wants to be told of grades, each telling, and each try at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now
from grader.db.models.courses import Course
from grader.db.models.errands import Errand
from grader.db.models.submissions import new_public_id


class Webhook(Base):
    """An address that is told when a grade is ready; `secret` signs each delivery, and is sealed.

    After a rotation `previous_secret` signs, too, until `previous_secret_until`. `failing_since` is when the
    tries began to fail, `paused_until` lets an address that does not answer rest. `off_reason` says why
    the grader itself switched it off.
    """

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("courses.id"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_secret_until: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    course: Mapped[Course] = relationship()


class WebhookDelivery(Errand, Base):
    """One message to one webhook; `payload` is what it says, but for addresses of pages.

    `run_id` is None for a test. It is delivered, or waits (`next_try_at`), or was given up.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhooks.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grading_runs.id"))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_status: Mapped[int | None]
    delivered_at: Mapped[datetime | None]

    webhook: Mapped[Webhook] = relationship()
    attempts: Mapped[list[WebhookAttempt]] = relationship(order_by="WebhookAttempt.id")

    @property
    def state(self) -> str:
        """`delivered`, `waiting` or `given_up`."""
        if self.next_try_at is not None:
            return "waiting"
        return "delivered" if self.delivered_at is not None else "given_up"


class WebhookAttempt(Base):
    """One try to send a delivery: what signed it, and what came of it: a status and a body, or an error."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook_deliveries.id"), index=True)
    at: Mapped[datetime]
    signature: Mapped[str]
    duration_s: Mapped[float]
    status: Mapped[int | None]
    answer: Mapped[str | None]
    error: Mapped[str | None]
