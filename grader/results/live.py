"""A run while it goes on: its events so far, as one audience may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import GradingRun, RunEvent
from grader.judging.result import Epoch, Outcome, test_from_json
from grader.report import words
from grader.results.visibility import Filter, filtered_tests


@dataclass(frozen=True)
class LiveTest:
    """A test that has finished: its name and exercise in words, and how it ended."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    number: int
    name: str
    group: str
    group_title: str
    outcome: Outcome

    @property
    def outcome_words(self) -> str:
        """How it ended, in words."""
        return words.OUTCOME_WORDS[self.outcome]


@dataclass(frozen=True)
class LiveGroup:
    """The tests of one exercise that have finished so far."""

    name: str
    title: str
    tests: tuple[LiveTest, ...]

    @property
    def passed(self) -> int:
        """How many of them passed."""
        return sum(test.outcome is Outcome.PASSED for test in self.tests)


@dataclass(frozen=True)
class Live:
    """All that is known of a run that goes on. `number` is the last event's; 0 before the first.

    `phase` is the title of what is being done, `done` of `total` tests are over (0 of 0: not known yet),
    `epochs` of `epochs_total` epochs of the timed run.
    """

    number: int
    phase: str
    done: int
    total: int
    tests: tuple[LiveTest, ...]
    epochs: tuple[Epoch, ...]
    reference_epochs: tuple[Epoch, ...]
    epochs_total: int
    last_epoch_number: int

    @property
    def groups(self) -> tuple[LiveGroup, ...]:
        """The tests by exercise, exercises in the order of their first test."""
        members: dict[str, list[LiveTest]] = {}
        for test in self.tests:
            members.setdefault(test.group, []).append(test)
        return tuple(LiveGroup(name, tests[0].group_title, tuple(tests)) for name, tests in members.items())

    @property
    def passed(self) -> int:
        """How many tests passed so far."""
        return sum(test.outcome is Outcome.PASSED for test in self.tests)


NOTHING_YET = Live(0, "", 0, 0, (), (), (), 0, 0)


def live_of(session: Session, run: GradingRun, allowed: Filter) -> Live:
    """Return what the run's present worker has found out so far."""
    rows = session.execute(
        sa.select(RunEvent.number, RunEvent.kind, RunEvent.data)
        .where(RunEvent.run_id == run.id, RunEvent.fence == run.fence)
        .order_by(RunEvent.number)
    )
    return live_from([(number, kind, data) for number, kind, data in rows], allowed)


def live_from(events: Sequence[tuple[int, str, Mapping[str, Any]]], allowed: Filter) -> Live:
    """Return what these events (number, kind, data) say; all of them, for hidden tests are counted.

    Nothing while grades are withheld: not even how far it is, since a run that ends early tells something.
    """
    if allowed.withheld:
        return NOTHING_YET
    by_kind: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for number, kind, data in events:
        by_kind.setdefault(kind, []).append((number, data))
    tests, epochs = by_kind.get("test", []), by_kind.get("epoch", [])
    phases = [data["title"] for _, data in by_kind.get("phase", [])]
    latest = tests[-1][1] if tests else {"done": 0, "total": 0}
    return Live(
        number=events[-1][0] if events else 0,
        phase=phases[-1] if phases else "",
        done=latest["done"],
        total=latest["total"],
        tests=tuple(_live_tests(tests, allowed)),
        epochs=tuple(Epoch(**data["student"]) for _, data in epochs),
        reference_epochs=tuple(Epoch(**data["reference"]) for _, data in epochs if data["reference"]),
        epochs_total=epochs[-1][1]["of"] if epochs else 0,
        last_epoch_number=epochs[-1][0] if epochs else 0,
    )


def _live_tests(events: Iterable[tuple[int, Mapping[str, Any]]], allowed: Filter) -> Iterable[LiveTest]:
    numbers, results = [], []
    for number, data in events:
        numbers.append(number)
        results.append(test_from_json(data["result"]))
    for number, test in zip(numbers, filtered_tests(results, allowed), strict=True):
        yield LiveTest(number, words.test_name(test), test.group, words.group_title(test.group), test.outcome)
