"""What grading produces: plain immutable values, and their JSON form (schema 1).

Everything here is data. A student's failure is an `Outcome` with a message; our own
failure is `Status.GRADER_PROBLEM` with `problem` set, and carries no score.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1
MAX_SCORE = 100.0


class Status(enum.StrEnum):
    """How the whole run ended."""

    GRADED = "graded"
    REJECTED = "rejected"
    GRADER_PROBLEM = "grader_problem"


class Outcome(enum.StrEnum):
    """How one test ended; everything but PASSED earns nothing."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    DISK_LIMIT = "disk_limit"
    PIDS_LIMIT = "pids_limit"
    SKIPPED = "skipped"


class Visibility(enum.StrEnum):
    """Whether students see the test's code."""

    PUBLIC = "public"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Hint:
    """A known mistake that the evidence singles out: a stable code and the course's words."""

    code: str
    text: str


@dataclass(frozen=True)
class TestResult:
    """One test's verdict. `id` is `tests/test_nn.py::test_name` or `hidden/test_x.py::test_name`.

    `hint_is_lent`: the hint of a public test comes from the hidden tests that explain it.
    `message_for_students`: what they read in place of the message, if that is for staff alone.
    """

    __test__ = False  # not a test class, whatever pytest thinks of the name

    id: str
    visibility: Visibility
    group: str
    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    hint: Hint | None = None
    duration_s: float = 0.0
    hint_is_lent: bool = False
    message_for_students: str | None = None


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data: the loss the student's code reported, and
    the validation accuracy (0 to 1) that the grader computed from its predictions."""

    train_loss: float | None
    val_accuracy: float


@dataclass(frozen=True)
class MnistResult:
    """The timed MNIST run. Accuracies are 0 to 1; times are seconds.

    `cpu_s` is all CPU time of the sandbox from the opening of the session to the last prediction,
    less what the delivery of the data costs the reference; `reference_cpu_s` the reference's likewise,
    on the same core in the same run; `ratio` their quotient. `idle_ratio` is how much longer the student's
    steps took on the clock than the reference's did for the same CPU time: about 1 on a crowded machine, too.
    """

    outcome: Outcome
    accuracy: float
    threshold: float
    epochs: tuple[Epoch, ...]
    reference_epochs: tuple[Epoch, ...]
    reference_accuracy: float
    cpu_s: float
    reference_cpu_s: float
    ratio: float
    max_ratio: float
    wall_s: float
    idle_ratio: float = 1.0
    message: str = ""
    hint: Hint | None = None


@dataclass(frozen=True)
class ReviewFlag:
    """Something for staff to look at, with its place in the hand-in (`line` 1-based, 0 = whole file)."""

    code: str
    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Rejection:
    """Why intake refused the hand-in: a stable code, the offending path ("" = the whole), and the fix."""

    code: str
    path: str
    text: str


@dataclass(frozen=True)
class GradingResult:
    """Everything one grading run found out; `to_json` is the interface others rely on.

    `pictures` maps a picture's name to plain data to draw it from; `report/pictures.py`
    lists the names and fields. `ignored` names leftovers that intake skipped, `notes` are its remarks
    for the student.
    """

    unit: str
    status: Status
    score: float | None = None
    max_score: float = MAX_SCORE
    tests: tuple[TestResult, ...] = ()
    mnist: MnistResult | None = None
    review: tuple[ReviewFlag, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    pictures: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of schema 1, made of plain lists, dicts, strings and numbers."""
        return {"schema": SCHEMA_VERSION, **_plain(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> GradingResult:
        """Rebuild a result from `to_json`'s object; ValueError for another schema."""
        if data.get("schema") != SCHEMA_VERSION:
            raise ValueError(f"unknown report schema {data.get('schema')!r}; expected {SCHEMA_VERSION}")
        mnist = data["mnist"]
        return cls(
            unit=data["unit"],
            status=Status(data["status"]),
            score=data["score"],
            max_score=data["max_score"],
            tests=tuple(test_from_json(test) for test in data["tests"]),
            mnist=None if mnist is None else _mnist_from_json(mnist),
            review=tuple(ReviewFlag(**flag) for flag in data["review"]),
            rejected=tuple(Rejection(**rejection) for rejection in data["rejected"]),
            ignored=tuple(data["ignored"]),
            notes=tuple(data["notes"]),
            problem=data["problem"],
            pictures=data["pictures"],
            provenance=data["provenance"],
        )


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _hint_from_json(data: dict[str, str] | None) -> Hint | None:
    return None if data is None else Hint(**data)


def test_from_json(data: Mapping[str, Any]) -> TestResult:
    """Rebuild one entry of `tests` from its JSON form."""
    return TestResult(
        **{
            **data,
            "visibility": Visibility(data["visibility"]),
            "outcome": Outcome(data["outcome"]),
            "hint": _hint_from_json(data["hint"]),
        }
    )


def _mnist_from_json(data: dict[str, Any]) -> MnistResult:
    return MnistResult(
        **{
            **data,
            "outcome": Outcome(data["outcome"]),
            "epochs": tuple(Epoch(**epoch) for epoch in data["epochs"]),
            "reference_epochs": tuple(Epoch(**epoch) for epoch in data["reference_epochs"]),
            "hint": _hint_from_json(data["hint"]),
        }
    )
