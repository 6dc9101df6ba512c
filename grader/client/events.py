"""Server-sent events: from the lines of a stream to the service's events, and to the judge's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.judging.events import EpochFinished, Event, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.result import Epoch, Outcome, TestResult, Visibility


@dataclass(frozen=True)
class Sent:
    """One event of the service: its kind, its data, its id if the stream can go on after it."""

    kind: str
    data: Mapping[str, Any]
    id: str | None = None


def read_events(lines: Iterable[bytes]) -> Iterator[Sent | None]:
    """Yield each event, and None for every comment: whoever waits learns that time goes by."""
    fields: dict[str, str] = {}
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.startswith(":"):
            yield None
        elif text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
        elif fields:
            if "event" in fields:
                yield Sent(fields["event"], _data(fields.get("data", "")), fields.get("id"))
            fields = {}


def judge_event(sent: Sent) -> Event | None:
    """Return the step of the grading that the event tells of; None if it tells of none that we know."""
    data = sent.data
    try:
        match sent.kind:
            case "phase":
                return PhaseStarted(data["name"], data["title"])
            case "test":
                return TestFinished(_test(data), data["done"], data["total"])
            case "epoch":
                reference = None if data["reference"] is None else Epoch(**data["reference"])
                return EpochFinished(data["epoch"], data["of"], Epoch(**data["student"]), reference)
            case "phase_end":
                return PhaseFinished(data["name"], data["duration_s"])
    except (KeyError, TypeError, ValueError):
        pass  # a newer service's: progress is for show
    return None


def _data(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _test(data: Mapping[str, Any]) -> TestResult:
    """Return the test as far as events tell of it: its name and how it ended."""
    outcome, test_id = Outcome(data["outcome"]), f"tests.py::{data['name']}"
    return TestResult(test_id, Visibility.PUBLIC, data["group"], outcome, points=0.0, max_points=0.0)
