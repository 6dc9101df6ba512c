"""What each audience sees of a result: pure functions of the result, the unit's rules and the time.

Staff see everything. Students see the outcome and points of every test. Of *hidden tests*, those in files
that students never get, the rules say whether names, messages, hints and pictures are shown: always, never,
or after the deadline. Without its name such a test is `Hidden test 1`, counted within its exercise, and in
every case its duration is rounded up, since an exact one could carry facts about its inputs; of when the run
began and ended, students see the minute. A message that could hold such facts is replaced by the judge's own.
A hint that hidden tests have lent to a public one is theirs. The timed run, with its picture of digits, and
the rules about calls are no hidden tests, though no public file has them: the course announces them.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from grader.errors import WithheldError
from grader.judging.result import GradingResult, Status, TestResult, Visibility
from grader.units import VisibilityRules

if TYPE_CHECKING:
    from grader.db.models import CourseUnit

AFTER_DEADLINE = "after_deadline"
PARTS = ("names", "messages", "hints", "pictures")
STRICTEST = VisibilityRules(names="never", messages="never", hints="never", pictures="never")
ANNOUNCED_PICTURES = ("digits",)  # of the timed run
PROBLEM_FOR_STUDENTS = (
    "This was a problem of the grader, not of your work: the staff were told. Your attempt was given back."
)
DURATION_STEPS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0, 900.0)
_FOR_STUDENTS = ("unit_digest", "submission_digest", "with_mnist", "python", "torch", "finished_at")
_HIDDEN_FILES = "hidden/"


class Audience(enum.StrEnum):
    """Who looks at a result."""

    STUDENT = "student"
    STAFF = "staff"


@dataclass(frozen=True)
class Filter:
    """The rules as they apply to one audience at one moment: what of hidden tests is shown."""

    is_staff: bool
    names: bool
    messages: bool
    hints: bool
    pictures: bool
    later: tuple[str, ...] = ()  # what is not shown but will be: some of the four
    withheld: bool = False  # nothing is shown until staff release the grades

    def still(self, course_unit: CourseUnit) -> Filter:
        """Return the filter as it is now, for one who follows a run while staff may withhold its grade."""
        audience = Audience.STAFF if self.is_staff else Audience.STUDENT
        return replace(self, withheld=is_withheld(course_unit, audience))

    @property
    def never(self) -> tuple[str, ...]:
        """What is not shown, and will not be: some of the four."""
        return tuple(part for part in PARTS if not getattr(self, part) and part not in self.later)


def is_withheld(course_unit: CourseUnit, audience: Audience) -> bool:
    """Whether this audience may not see any scores or reports of the unit yet."""
    return course_unit.are_grades_withheld and audience is not Audience.STAFF


def filter_for(
    rules: VisibilityRules, audience: Audience, deadline_over: bool, withheld: bool = False
) -> Filter:
    """Return what the rules mean for this audience now; nothing is ever withheld from staff."""
    if audience is Audience.STAFF:
        return Filter(is_staff=True, names=True, messages=True, hints=True, pictures=True)

    def is_shown(rule: str) -> bool:
        return rule == "always" or (rule == AFTER_DEADLINE and deadline_over)

    parts = {part: getattr(rules, part) for part in PARTS}
    return Filter(
        is_staff=False,
        **{part: is_shown(rule) for part, rule in parts.items()},
        later=tuple(part for part, rule in parts.items() if rule == AFTER_DEADLINE and not deadline_over),
        withheld=withheld,
    )


def shown_to(
    result: GradingResult, rules: VisibilityRules, audience: Audience, deadline_over: bool
) -> GradingResult:
    """Return the part of the result that this audience may see, as a result of its own.

    Tests keep their number and order. `deadline_over`: nothing more can be handed in for the unit.
    """
    return filtered(result, filter_for(rules, audience, deadline_over))


def filtered(result: GradingResult, allowed: Filter) -> GradingResult:
    """Return the part of the result that the filter lets through.

    WithheldError if that is nothing; a failure of ours is no result, and always told.
    """
    if allowed.is_staff:
        return result
    if allowed.withheld and result.status is not Status.GRADER_PROBLEM:
        raise WithheldError
    return replace(
        result,
        tests=tuple(filtered_tests(result.tests, allowed)),
        review=(),
        problem=PROBLEM_FOR_STUDENTS if result.status is Status.GRADER_PROBLEM else "",
        pictures={
            name: data
            for name, data in result.pictures.items()
            if allowed.pictures or name in ANNOUNCED_PICTURES
        },
        provenance=_provenance_for_students(result.provenance),
    )


def filtered_tests(tests: Sequence[TestResult], allowed: Filter) -> Iterator[TestResult]:
    """Yield each test as the filter lets it through; hidden ones are numbered within their group.

    WithheldError if it lets none through.
    """
    if allowed.withheld:
        raise WithheldError
    numbers: Counter[str] = Counter()
    for test in tests:
        if allowed.is_staff or not is_hidden(test):
            is_withheld = test.hint_is_lent and not (allowed.is_staff or allowed.hints)
            yield replace(test, hint=None, hint_is_lent=False) if is_withheld else test
            continue
        numbers[test.group] += 1
        yield replace(
            test,
            id=test.id if allowed.names else f"hidden/{test.group}.py::Hidden test {numbers[test.group]}",
            message=_message_for_students(test) if allowed.messages else "",
            message_for_students=None,
            hint=test.hint if allowed.hints else None,
            duration_s=rounded_up_s(test.duration_s),
        )


def _message_for_students(test: TestResult) -> str:
    return test.message if test.message_for_students is None else test.message_for_students


def is_hidden(test: TestResult) -> bool:
    """Whether the test's file is one that students never get."""
    return test.visibility is Visibility.HIDDEN and test.id.startswith(_HIDDEN_FILES)


def shown_duration_s(duration_s: float, allowed: Filter) -> float:
    """Return how long a phase took: exactly for staff, else rounded up, as hidden tests are part of it."""
    return duration_s if allowed.is_staff else rounded_up_s(duration_s)


def shown_moment(at: datetime | None, audience: Audience) -> datetime | None:
    """Return when something of a run happened: exactly for staff, else its minute, for the same reason."""
    if at is None or audience is Audience.STAFF:
        return at
    return at.replace(second=0, microsecond=0)


def _provenance_for_students(whole: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: whole[key] for key in _FOR_STUDENTS if key in whole}
    if "finished_at" in shown:
        at = shown_moment(datetime.fromisoformat(shown["finished_at"]), Audience.STUDENT)
        shown["finished_at"] = at.isoformat(timespec="seconds") if at else None
    return shown


def rounded_up_s(duration_s: float) -> float:
    """Return the duration rounded up to a coarse step, at most the last; 0 for a test that did not run."""
    if duration_s == 0:
        return 0.0
    return next((step for step in DURATION_STEPS_S if duration_s <= step), DURATION_STEPS_S[-1])
