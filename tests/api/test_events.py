"""GET /submissions/ID/events: live progress as server-sent events."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from flask import Flask

from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunReason, RunState
from grader.judging.result import Outcome, TestResult, Visibility
from grader.results.visibility import Filter
from grader.web.api.events import STREAMS
from grader.web.api.live_events import Event, Follower
from grader.web.api.streams import Pace, Streams
from tests.api.client import ApiClient, code_of
from tests.api.conformance import check_value
from tests.api.conftest import ClientOf
from tests.factories import make_test
from tests.people import World, make_run, make_submission

STAFF = Filter(is_staff=True, names=True, messages=True, hints=True, pictures=True)
STRICT = Filter(is_staff=False, names=False, messages=False, hints=False, pictures=False)
SCHEMAS = {
    "state": "StateEvent",
    "phase": "PhaseEvent",
    "test": "TestEvent",
    "epoch": "EpochEvent",
    "phase_end": "PhaseEndEvent",
    "result": "ResultEvent",
}


@dataclass(frozen=True)
class Going:
    """A run that goes on, and what its worker writes."""

    database: Database
    submission_id: int
    public_id: str
    run_id: int

    def write(self, number: int, kind: str, data: dict[str, Any], fence: int = 1) -> None:
        with self.database.writing() as session:
            session.add(RunEvent(run_id=self.run_id, fence=fence, number=number, kind=kind, data=data))

    def write_test(self, number: int, test: TestResult, fence: int = 1) -> None:
        self.write(number, "test", {"result": asdict(test), "done": number, "total": 9}, fence)

    def change(self, **fields: Any) -> None:
        with self.database.writing() as session:
            run = session.get_one(GradingRun, self.run_id)
            for name, value in fields.items():
                setattr(run, name, value)

    def follow(self, allowed: Filter = STRICT, last_seen: str | None = None) -> Follower:
        return Follower(self.database, self.submission_id, allowed, last_seen, queue_look_s=0)


@pytest.fixture
def going(world: World, database: Database) -> Going:
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        run = make_run(session, submission, state=RunState.RUNNING)
        return Going(database, submission.id, submission.public_id, run.id)


def look(follower: Follower) -> list[Event]:
    """Look once; every event is as the document says."""
    events = follower.look()
    for event in events:
        check_value(f"/components/schemas/{SCHEMAS[event.kind]}", json.loads(json.dumps(event.data)))
    return events


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


def parsed(text: str) -> Iterator[dict[str, str]]:
    for block in text.removesuffix("\n\n").split("\n\n"):
        yield dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))


def test_each_event_is_told_once(going: Going):
    follower = going.follow()
    assert kinds(look(follower)) == ["state"]
    going.write(1, "phase", {"name": "public", "title": "Public tests"})
    going.write_test(2, make_test())
    told = look(follower)
    assert [(event.kind, event.id) for event in told] == [("phase", "1.1.1"), ("test", "1.1.2")]
    assert told[1].data | {"name": ""} == {
        "name": "",
        "group": "linear",
        "outcome": "passed",
        "done": 2,
        "total": 9,
    }
    assert look(follower) == []
    going.write(3, "phase_end", {"name": "public", "duration_s": 0.25})
    assert kinds(look(follower)) == ["phase_end"]


def test_a_stream_goes_on_after_the_last_event_that_was_seen(going: Going):
    for number in (1, 2, 3):
        going.write_test(number, make_test())
    assert [event.id for event in look(going.follow(last_seen="1.1.2"))] == [None, "1.1.3"]


def test_after_a_worker_has_died_events_come_from_the_first_on(going: Going):
    follower = going.follow()
    going.write_test(1, make_test())
    assert kinds(look(follower)) == ["state", "test"]
    going.change(fence=2)
    going.write_test(1, make_test(), fence=2)
    assert [event.id for event in look(follower)] == ["1.2.1"]
    assert [event.id for event in look(going.follow(last_seen="1.1.1"))] == [None, "1.2.1"]


def test_hidden_tests_are_named_to_those_who_may_know_only(going: Going):
    for number in (1, 2):
        going.write_test(
            number,
            make_test(
                id=f"hidden/test_x.py::test_secret_{number}",
                visibility=Visibility.HIDDEN,
                outcome=Outcome.FAILED,
                message="secret",
            ),
        )
    assert "secret" not in json.dumps([event.data for event in look(going.follow(STRICT))])
    assert "secret" in json.dumps([event.data for event in look(going.follow(STAFF))])
    names = [event.data["name"] for event in look(going.follow(STRICT, last_seen="1.1.1"))[1:]]
    assert names == [event.data["name"] for event in look(going.follow(STRICT))[2:]]  # numbered alike


def test_epochs_are_strict_json_even_if_the_loss_is_not_a_number(going: Going):
    epoch = {"train_loss": float("nan"), "val_accuracy": 0.1}
    going.write(1, "epoch", {"epoch": 1, "of": 2, "student": epoch, "reference": None})
    (_, told) = look(going.follow())
    assert told.data["student"] == {"train_loss": None, "val_accuracy": 0.1}
    json.dumps(told.data, allow_nan=False)


def test_the_place_in_the_queue_is_told_when_it_changes(going: Going, database: Database, world: World):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ben)
        make_run(session, submission, state=RunState.QUEUED)
    first = going.change
    first(state=RunState.QUEUED, started_at=None)
    with database.reading() as session:
        other = session.query(GradingRun).filter(GradingRun.id != going.run_id).one()
        follower = Follower(database, other.submission_id, STRICT, queue_look_s=0)
    assert [event.data["queue"]["position"] for event in look(follower)] == [2]
    assert look(follower) == []
    first(state=RunState.RUNNING)
    assert [event.data["queue"]["position"] for event in look(follower)] == [1]


def test_the_result_comes_last(going: Going):
    follower = going.follow()
    look(follower)
    going.change(state=RunState.GRADED, score=92.0, max_score=100.0)
    (told,) = look(follower)
    assert told == Event("result", {"state": "graded", "score": 92.0, "max_score": 100.0})
    assert follower.is_over


def test_a_regrade_is_followed_and_its_events_are_others(going: Going, database: Database):
    going.change(state=RunState.GRADED, score=50.0, max_score=100.0)
    with database.writing() as session:
        old = session.get_one(GradingRun, going.run_id)
        run = make_run(
            session, old.submission, state=RunState.RUNNING, stands=False, reason=RunReason.REGRADE
        )
        session.add(
            RunEvent(run_id=run.id, fence=1, number=1, kind="phase", data={"name": "a", "title": "A"})
        )
    follower = going.follow(last_seen="1.1.1")
    assert [event.id for event in look(follower)] == [None, "2.1.1"]
    assert not follower.is_over


def test_the_stream_of_what_is_over(ada: ApiClient, going: Going):
    going.change(state=RunState.CANCELLED)
    answer = ada.get(f"/submissions/{going.public_id}/events")
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert list(parsed(answer.text)) == [
        {"retry": "1000"},
        {"event": "result", "data": '{"state": "cancelled", "score": null, "max_score": null}'},
    ]


def test_a_stream_lasts_so_long_and_speaks_now_and_then(app: Flask, ada: ApiClient, going: Going):
    going.write_test(1, make_test())
    pace = Pace(look_s=0.01, heartbeat_s=0.0, life_s=0.05)
    app.extensions[STREAMS] = Streams(total=1, pace=pace)
    answer = ada.get(f"/submissions/{going.public_id}/events", headers={"Last-Event-ID": "1.1.0"})
    assert "id: 1.1.1\nevent: test\n" in answer.text
    assert "\n\n: still here\n\n" in answer.text
    assert ada.get(f"/submissions/{going.public_id}/events").status_code == 200  # the place is free again


def test_streams_are_counted_for_each_person_and_for_all(
    app: Flask, client_of: ClientOf, world: World, going: Going
):
    streams = app.extensions[STREAMS] = Streams(total=2, each=1)
    path, ada = f"/submissions/{going.public_id}/events", client_of(world.ada)
    close = streams.open(world.ada.id)
    answer = ada.get(path)
    assert (answer.status_code, code_of(answer)) == (429, "too-many-streams")
    close()
    close()  # a second time it gives nothing back
    streams.open(world.tara.id)
    streams.open(world.ines.id)
    answer = ada.get(path)
    assert (answer.status_code, code_of(answer)) == (503, "streams-exhausted")


def test_a_stream_that_nobody_reads_gives_its_place_back(app: Flask, ada: ApiClient, going: Going):
    app.extensions[STREAMS] = Streams(total=1)
    for _ in range(3):
        assert ada.ask("HEAD", f"/submissions/{going.public_id}/events").status_code == 200


def test_a_malformed_last_event_id_is_told(ada: ApiClient, going: Going):
    for last in ("x", "1.2", "1.2.3.4", "-1.2.3", "1.2." + "9" * 10):
        answer = ada.get(f"/submissions/{going.public_id}/events", headers={"Last-Event-ID": last})
        assert (answer.status_code, code_of(answer)) == (422, "invalid-request"), last


@pytest.mark.parametrize(("allowed", "told_s"), [(STRICT, 2.0), (STAFF, 1.23456)])
def test_how_long_a_phase_took_is_rounded_up_for_students(going: Going, allowed: Filter, told_s: float):
    """Hidden tests are part of it, and a time could carry facts about their inputs."""
    going.write(1, "phase_end", {"name": "hidden", "duration_s": 1.23456})
    assert look(going.follow(allowed))[1].data == {"name": "hidden", "duration_s": told_s}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("phase", {"name": "hidden", "title": "Hidden tests"}),
        ("phase_end", {"name": "hidden", "duration_s": 1.5}),
        (
            "epoch",
            {"epoch": 1, "of": 2, "student": {"train_loss": 1.0, "val_accuracy": 0.1}, "reference": None},
        ),
        ("test", {"result": asdict(make_test()), "done": 1, "total": 2}),
    ],
)
def test_a_field_that_nobody_has_allowed_stays_in_the_database(
    going: Going, ada: ApiClient, kind: str, data: dict[str, Any]
):
    going.write(1, kind, {**data, "secret": "the seed"})
    (_, told) = look(going.follow())
    status = ada.get(f"/submissions/{going.public_id}").get_json()
    assert "secret" not in json.dumps([told.data, status])


def test_an_event_of_a_kind_that_nobody_has_allowed_is_not_told(going: Going):
    going.write(1, "seed", {"seed": 3})
    going.write(2, "phase", {"name": "public", "title": "Public tests"})
    assert kinds(look(going.follow(STAFF))) == ["state", "phase"]
