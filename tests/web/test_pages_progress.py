"""GET /submissions/<public_id>/progress"""

import json
from dataclasses import replace

import pytest

from grader.db.models import RunState
from grader.results import reports
from grader.units import VisibilityRules
from tests.cast import reference
from tests.results.events import EVENTS
from tests.web.handed_in import hand_in, run_on


def progress(browser, public_id, after=0):
    answer = browser.get(f"/submissions/{public_id}/progress?after={after}")
    assert answer.status_code == 200
    return json.loads(answer.data)


def test_while_it_waits_it_says_where_it_stands(client_of, database, world):
    hand_in(database, world, RunState.QUEUED, person=world.ben)
    (public_id,) = hand_in(database, world, RunState.QUEUED)
    said = progress(client_of(world.ada), public_id)
    assert said["state"] == "queued"
    assert said["waiting"].startswith("1 hand-in before yours.")


def test_only_what_is_new_is_sent(client_of, database, world):
    public_id = run_on(database, world, events=10)
    everything = progress(client_of(world.ada), public_id)
    assert (everything["number"], everything["done"], everything["total"]) == (10, 9, 26)
    assert len(everything["tests"]) == 9
    assert everything["tests"][0] == {
        "group": "linear",
        "title": "Linear",
        "name": "test_linear_shapes",
        "outcome": "passed",
        "words": "passed",
    }
    new = progress(client_of(world.ada), public_id, after=8)
    assert [test["name"] for test in new["tests"]] == [test["name"] for test in everything["tests"][-2:]]
    nothing = progress(client_of(world.ada), public_id, after=10)
    assert nothing["tests"] == []
    assert "charts" not in nothing
    assert len(json.dumps(nothing)) < 250


def test_the_curves_come_when_an_epoch_has(client_of, database, world):
    public_id = run_on(database, world)
    assert "Validation accuracy" in progress(client_of(world.ada), public_id, after=len(EVENTS) - 1)["charts"]
    assert "charts" not in progress(client_of(world.ada), public_id, after=len(EVENTS))


def test_messages_and_hints_are_never_sent_while_it_runs(client_of, database, world):
    text = json.dumps(progress(client_of(world.tara), run_on(database, world)))
    assert "raised in optim.py" not in text
    assert "exp() overflows" not in text


def test_names_that_are_withheld_are_numbers_here_too(client_of, database, world, monkeypatch):
    hidden = replace(VisibilityRules("never", "never", "never"))
    monkeypatch.setattr(reports, "visibility_rules", lambda *unit: hidden)
    public_id = run_on(database, world)
    names = [test["name"] for test in progress(client_of(world.ada), public_id)["tests"]]
    assert "Hidden test 1" in names
    assert "test_each_row_has_its_own_maximum" not in names
    assert "test_each_row_has_its_own_maximum" in json.dumps(progress(client_of(world.tara), public_id))


@pytest.mark.parametrize("outcome", [reference(), RunState.PROBLEM, RunState.CANCELLED, RunState.SUPERSEDED])
def test_when_it_is_over_only_the_state_is_sent(client_of, database, world, outcome):
    (public_id,) = hand_in(database, world, outcome)
    expected = outcome.value if isinstance(outcome, RunState) else "graded"
    assert progress(client_of(world.ada), public_id) == {"state": expected}


def test_a_silly_number_is_the_beginning(client_of, database, world):
    public_id = run_on(database, world, events=3)
    assert len(progress(client_of(world.ada), public_id, after="x")["tests"]) == 2
