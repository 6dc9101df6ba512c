"""The service's events as people see them: whatever a stream holds, and whatever a newer service sends."""

import io
import json

import pytest
from rich.console import Console

from grader.client.events import Sent, judge_event, read_events
from grader.client.telling import Teller
from grader.judging.events import EpochFinished, PhaseFinished, PhaseStarted, TestFinished


def stream(*events: tuple[str, object, str]) -> list[bytes]:
    text = "".join(
        f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data, number in events
    )
    return text.encode().splitlines(keepends=True)


PHASE = ("phase", {"name": "public", "title": "Public tests"}, "1.1.1")
TEST = ("test", {"name": "test_x", "group": "sgd", "outcome": "passed", "done": 1, "total": 9}, "1.1.2")
EPOCH = (
    "epoch",
    {"epoch": 1, "of": 5, "student": {"train_loss": None, "val_accuracy": 0.9}, "reference": None},
    "1.1.3",
)
PHASE_END = ("phase_end", {"name": "public", "duration_s": 2.0}, "1.1.4")


def told(*sent: Sent) -> str:
    console = Console(file=io.StringIO(), width=80)
    with Teller(console) as teller:
        for each in sent:
            teller.on_event(each)
    return console.file.getvalue()


def test_events_become_the_judge_s():
    found = [judge_event(sent) for sent in read_events(stream(PHASE, TEST, EPOCH, PHASE_END)) if sent]
    assert [type(event) for event in found] == [PhaseStarted, TestFinished, EpochFinished, PhaseFinished]


def test_they_are_told_in_plain_lines():
    text = told(*filter(None, read_events(stream(PHASE, TEST, EPOCH, PHASE_END))))
    assert "epoch 1 of 5: loss –, accuracy 90.0 %" in text
    assert "Public tests: 1 of 1 passed, 2.0 s" in text


def test_comments_say_that_time_goes_by_and_other_lines_nothing():
    lines = [b": still here\n", b"\n", b"retry: 1000\n", b"\n", b"data: {}\n", b"\n", *stream(TEST)]
    assert [each if each is None else each.kind for each in read_events(lines)] == [None, "test"]


@pytest.mark.parametrize(
    "line", [b"event: test\n", b"data: {broken\n", b"data: [1]\n", b"\xff\xfe\n", b"event\n", b"data: null\n"]
)
def test_a_malformed_stream_is_no_crash(line: bytes):
    for sent in read_events([b"event: test\n", line, b"\n"]):
        assert sent is None or judge_event(sent) is None


@pytest.mark.parametrize("kind", ["new-kind", "phase", "test", "epoch", "phase_end", "state", "result"])
@pytest.mark.parametrize("data", [{}, {"name": 1}, {"student": 3, "reference": None, "epoch": 1, "of": 2}])
def test_what_a_newer_service_sends_is_passed_over(kind: str, data: dict[str, object]):
    assert "Traceback" not in told(Sent(kind, data, "1.1.1"))


def test_waiting_and_a_new_beginning_are_told():
    queue = {"position": 3, "expected_start_s": 130.0}
    text = told(
        Sent("state", {"state": "queued", "queue": queue}),
        Sent("state", {"state": "running", "queue": None}),
        Sent("phase", PHASE[1], "1.1.1"),
        Sent("phase", PHASE[1], "1.2.1"),
    )
    assert "Waiting: place 3, begins in about 2 min" in text
    assert text.count("begins anew") == 1


def test_a_state_that_is_sent_again_by_the_next_stream_is_told_once():
    first, second = (Sent("state", {"state": "queued", "queue": {"position": place}}) for place in (2, 1))
    running = Sent("state", {"state": "running", "queue": None})
    said = told(first, first, second, second, running, running, first)
    assert [line.split(",")[0] for line in said.splitlines()] == [
        "Waiting: place 2",
        "Waiting: place 1",
        "Grading",
        "Waiting: place 2",
    ]
