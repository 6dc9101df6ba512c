"""Adding deliveries: with the grade, in its transaction; as a test; and once more on demand."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, GradingRun, Submission, Webhook, WebhookDelivery
from grader.outbound import errands
from grader.webhooks import messages
from grader.webhooks.endpoints import record


def announce(session: Session, run: GradingRun) -> None:
    """Add a delivery for each endpoint that is to be told of this run, which has just been graded.

    No endpoint is removed until the grade is published; other changes of it wait for nobody.
    """
    webhooks = session.scalars(
        sa.select(Webhook.id)
        .join(CourseUnit, CourseUnit.course_id == Webhook.course_id)
        .join(Submission, Submission.course_unit_id == CourseUnit.id)
        .where(Submission.id == run.submission_id, Webhook.is_active)
        .order_by(Webhook.id)
        .with_for_update(read=True, key_share=True, of=Webhook)
    ).all()
    if not webhooks:
        return
    payload = messages.grade_ready(run)
    for webhook_id in webhooks:
        session.add(WebhookDelivery(webhook_id=webhook_id, run_id=run.id, payload=payload, next_try_at=now()))


def send_test(session: Session, webhook: Webhook, actor_id: int, at: datetime) -> WebhookDelivery:
    """Add a delivery that tries the endpoint out, at once; it works for one that is switched off, too."""
    payload = messages.test_message(webhook, at)
    delivery = WebhookDelivery(webhook_id=webhook.id, payload=payload, next_try_at=at)
    session.add(delivery)
    webhook.paused_until = None
    session.flush()
    record(session, webhook, "webhook.test", actor_id, delivery=delivery.public_id)
    return delivery


def redeliver(session: Session, delivery: WebhookDelivery, actor_id: int, at: datetime) -> None:
    """Send the delivery once more, under the same id, whatever came of it before."""
    errands.begin(delivery, at)
    delivery.delivered_at = None
    delivery.webhook.paused_until = None
    record(session, delivery.webhook, "webhook.redeliver", actor_id, delivery=delivery.public_id)
