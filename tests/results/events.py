"""The events of a run, as the database holds them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from grader.judging.result import GradingResult, MnistResult
from tests.cast import half_done
from tests.factories import make_mnist


def events_of(result: GradingResult, mnist: MnistResult) -> list[tuple[int, str, dict[str, Any]]]:
    """Return (number, kind, data) of each event."""
    tests = [test for test in result.tests if test.group != "mnist"]
    said: list[tuple[str, dict[str, Any]]] = [("phase", {"name": "tests", "title": "Running the tests"})]
    said += [
        ("test", {"result": dataclasses.asdict(test), "done": number, "total": len(tests)})
        for number, test in enumerate(tests, start=1)
    ]
    said += [("phase_end", {"name": "tests", "duration_s": 4.2})]
    said += [("phase", {"name": "mnist", "title": "Training on MNIST"})]
    for number, (ours, theirs) in enumerate(zip(mnist.epochs, mnist.reference_epochs, strict=True), start=1):
        data = {"epoch": number, "of": 5, "student": dataclasses.asdict(ours)}
        said.append(("epoch", {**data, "reference": dataclasses.asdict(theirs) if number < 5 else None}))
    stored = json.loads(json.dumps(said))
    return [(number, kind, data) for number, (kind, data) in enumerate(stored, start=1)]


EVENTS = events_of(half_done(), make_mnist())
