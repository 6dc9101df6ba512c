"""What deliveries say. Stored without addresses of pages, which are added when it is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from grader.db.models import AttemptState, GradingRun, RunReason, Webhook, WebhookDelivery

GRADE_READY = "grade.ready"
TEST = "test"


def grade_ready(run: GradingRun) -> dict[str, Any]:
    """Return the message of a run that was graded; its submission, user, unit and course are loaded."""
    submission = run.submission
    unit = submission.course_unit
    assert run.finished_at is not None
    return {
        "type": GRADE_READY,
        "timestamp": _moment(run.finished_at),
        "data": {
            "course": unit.course.slug,
            "unit": unit.slug,
            "submission": submission.public_id,
            "number": submission.number,
            "user": {"name": submission.user.name, "email": submission.user.email},
            "received_at": _moment(submission.received_at),
            "is_late": submission.is_late,
            "uses_attempt": submission.attempt is AttemptState.USED,
            "is_regrade": run.reason is not RunReason.SUBMISSION,
            "graded_at": _moment(run.finished_at),
            "score": run.score,
            "max_score": run.max_score,
        },
    }


def test_message(webhook: Webhook, at: datetime) -> dict[str, Any]:
    """Return the message that tries an endpoint out; it is about no grade."""
    return {"type": TEST, "timestamp": _moment(at), "data": {"course": webhook.course.slug}}


def body_of(delivery: WebhookDelivery, public_url: str) -> bytes:
    """Return the bytes that are sent and signed."""
    data = dict(delivery.payload["data"])
    if submission := data.get("submission"):
        data["url"] = f"{public_url}/submissions/{submission}"
        data["report_url"] = f"{public_url}/api/v1/submissions/{submission}/report"
    message = {**delivery.payload, "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
