"""The tables, a file per noun; importing this package registers them all."""

from grader.db.models.accounts import ApiToken, Invitation, SignInAttempt, User
from grader.db.models.audit import AuditEvent
from grader.db.models.courses import Course, CourseUnit, Enrolment, UnitVersion
from grader.db.models.errands import Errand
from grader.db.models.pushes import CommitStatus, Push, RepositoryLink
from grader.db.models.runs import GradingRun, RunEvent, RunReport, RunTest
from grader.db.models.states import (
    AttemptState,
    CommitState,
    Counting,
    PushState,
    Role,
    RunReason,
    RunState,
    Scope,
    Source,
)
from grader.db.models.submissions import Archive, Submission
from grader.db.models.webhooks import Webhook, WebhookAttempt, WebhookDelivery
from grader.db.models.workers import Worker

__all__ = [
    "ApiToken",
    "Archive",
    "AttemptState",
    "AuditEvent",
    "CommitState",
    "CommitStatus",
    "Counting",
    "Course",
    "CourseUnit",
    "Enrolment",
    "Errand",
    "GradingRun",
    "Invitation",
    "Push",
    "PushState",
    "RepositoryLink",
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
    "WebhookAttempt",
    "WebhookDelivery",
    "Worker",
]
