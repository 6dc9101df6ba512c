"""The closed lists that columns choose from."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What someone is in a course. Staff are TAs and instructors; an admin is `User.is_admin`."""

    STUDENT = "student"
    TA = "ta"
    INSTRUCTOR = "instructor"

    @property
    def is_staff(self) -> bool:
        """Whether this role sees everybody's work."""
        return self is not Role.STUDENT


class Counting(enum.StrEnum):
    """Which of a student's submissions counts for a unit."""

    BEST = "best"
    LATEST = "latest"


class Source(enum.StrEnum):
    """By which way a submission came in."""

    WEB = "web"
    API = "api"
    GIT = "git"


class AttemptState(enum.StrEnum):
    """Whether a submission uses up one of the student's attempts."""

    USED = "used"
    REFUNDED = "refunded"  # our failure, cancelled or superseded before it began


class RunReason(enum.StrEnum):
    """Why a grading run exists."""

    SUBMISSION = "submission"
    REGRADE = "regrade"
    RESCORE = "rescore"  # points counted anew from an earlier run's outcomes; nothing was executed


class RunState(enum.StrEnum):
    """Where a grading run is. The last four are final.

    queued → running → graded | problem; queued or running → cancelled; queued → superseded.
    """

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    PROBLEM = "problem"  # our failure, after all retries: never a score
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"  # a newer submission of the same student came first

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


class Scope(enum.StrEnum):
    """What an API token may do, within what its owner may do."""

    SUBMIT = "submit"  # hand in, follow and read one's own submissions
    STAFF = "staff"  # also read the course's submissions and regrade


class PushState(enum.StrEnum):
    """What became of a push that we were told of. All but the first are final."""

    WAITING = "waiting"  # to be fetched and handed in
    HANDED_IN = "handed_in"
    OLDER = "older"  # a newer commit was handed in before
    REFUSED = "refused"  # by intake, by the course's terms, or by the rules for fetching
    FAILED = "failed"  # it could not be fetched, after all tries


class CommitState(enum.StrEnum):
    """What a commit's status says; each host has its own words for these."""

    PENDING = "pending"
    SUCCESS = "success"  # full points
    FAILURE = "failure"  # fewer, or the hand-in was not taken
    ERROR = "error"  # there is no grade, by no fault of the commit


class DecisionKind(enum.StrEnum):
    """How staff decided a grade."""

    SCORE = "score"  # the score is set
    EXCUSED = "excused"  # the unit does not count for this student
    SUBMISSION = "submission"  # a certain submission counts


class FlagVerdict(enum.StrEnum):
    """What staff made of something that the judge found odd."""

    DISMISSED = "dismissed"
    ACTED_ON = "acted_on"


class RegradeMethod(enum.StrEnum):
    """How a regrade comes to its scores."""

    RUN = "run"  # every test runs again
    RESCORE = "rescore"  # only the points have changed: they are counted anew


class RegradeScope(enum.StrEnum):
    """Which submissions a regrade is about."""

    COUNTING = "counting"  # of each student the one that counts
    LATEST = "latest"
    ALL = "all"


class RegradeState(enum.StrEnum):
    """Where a regrade is.

    running ⇄ paused; running → ready → promoted → undone; anything before promoted → cancelled.
    """

    RUNNING = "running"
    PAUSED = "paused"
    READY = "ready"
    PROMOTED = "promoted"
    UNDONE = "undone"
    CANCELLED = "cancelled"


class TaskKind(enum.StrEnum):
    """What a task does."""

    GATE = "gate"
    SIMILARITY = "similarity"


class TaskState(enum.StrEnum):
    """Where a task is. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PairVerdict(enum.StrEnum):
    """What staff made of two hand-ins that are alike."""

    NO_CONCERN = "no_concern"
    TO_DISCUSS = "to_discuss"
