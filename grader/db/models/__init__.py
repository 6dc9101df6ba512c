"""The tables, a file per noun; importing this package registers them all."""

from grader.db.models.accounts import ApiToken, Invitation, SignInAttempt, User
from grader.db.models.audit import AuditEvent
from grader.db.models.courses import Course, CourseUnit, Enrolment, UnitVersion
from grader.db.models.runs import GradingRun, RunEvent, RunReport, RunTest
from grader.db.models.states import (
    AttemptState,
    Counting,
    Role,
    RunReason,
    RunState,
    Scope,
    Source,
)
from grader.db.models.submissions import Archive, Submission
from grader.db.models.webhooks import Webhook, WebhookDelivery
from grader.db.models.workers import Worker

__all__ = [
    "ApiToken",
    "Archive",
    "AttemptState",
    "AuditEvent",
    "Counting",
    "Course",
    "CourseUnit",
    "Enrolment",
    "GradingRun",
    "Invitation",
    "Role",
    "RunEvent",
    "RunReason",
    "RunReport",
    "RunState",
    "RunTest",
    "Scope",
    "SignInAttempt",
    "Source",
    "Submission",
    "UnitVersion",
    "User",
    "Webhook",
    "WebhookDelivery",
    "Worker",
]
