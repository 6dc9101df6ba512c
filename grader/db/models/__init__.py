"""The tables, a file per noun; importing this package registers them all."""

from grader.db.models.accounts import ApiToken, Invitation, SignInAttempt, User
from grader.db.models.audit import AuditEvent
from grader.db.models.courses import Course, CourseUnit, Enrolment, UnitVersion
from grader.db.models.errands import Errand
from grader.db.models.grades import Allowance, GradeDecision
from grader.db.models.marking import Comment, FlagDecision, RubricItem, RubricMark, RunFlag
from grader.db.models.pushes import CommitStatus, Push, RepositoryLink
from grader.db.models.regrades import Regrade, RegradedSubmission
from grader.db.models.runs import GradingRun, RunEvent, RunReport, RunTest
from grader.db.models.states import (
    AttemptState,
    CommitState,
    Counting,
    DecisionKind,
    FlagVerdict,
    PairVerdict,
    PushState,
    RegradeMethod,
    RegradeScope,
    RegradeState,
    Role,
    RunReason,
    RunState,
    Scope,
    Source,
    TaskKind,
    TaskState,
)
from grader.db.models.submissions import Archive, Submission
from grader.db.models.tasks import SimilarPair, Task
from grader.db.models.webhooks import Webhook, WebhookAttempt, WebhookDelivery
from grader.db.models.workers import Worker

__all__ = [
    "Allowance",
    "ApiToken",
    "Archive",
    "AttemptState",
    "AuditEvent",
    "Comment",
    "CommitState",
    "CommitStatus",
    "Counting",
    "Course",
    "CourseUnit",
    "DecisionKind",
    "Enrolment",
    "Errand",
    "FlagDecision",
    "FlagVerdict",
    "GradeDecision",
    "GradingRun",
    "Invitation",
    "PairVerdict",
    "Push",
    "PushState",
    "Regrade",
    "RegradeMethod",
    "RegradeScope",
    "RegradeState",
    "RegradedSubmission",
    "RepositoryLink",
    "Role",
    "RubricItem",
    "RubricMark",
    "RunEvent",
    "RunFlag",
    "RunReason",
    "RunReport",
    "RunState",
    "RunTest",
    "Scope",
    "SignInAttempt",
    "SimilarPair",
    "Source",
    "Submission",
    "Task",
    "TaskKind",
    "TaskState",
    "UnitVersion",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "Worker",
]
