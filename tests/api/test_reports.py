"""GET /submissions/ID/report: its forms, and what of hidden tests is in it."""

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CourseUnit, RunState
from grader.judging.result import GradingResult, Outcome, Visibility
from grader.report.json_schema import validate_report
from tests import cast
from tests.api.client import ApiClient, code_of
from tests.api.conftest import ClientOf
from tests.factories import make_test
from tests.gradescope.schema import parse_results
from tests.people import World, make_run, make_submission

SECRET = "expected 0.31337"


def graded(database: Database, world: World, result: GradingResult | None = None) -> str:
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission, result)
        return submission.public_id


def with_a_hidden_failure() -> GradingResult:
    """A result with a secret in the message of a hidden test, which the unit nn shows after the deadline."""
    test = make_test(
        id="hidden/test_linear.py::test_bias",
        visibility=Visibility.HIDDEN,
        outcome=Outcome.FAILED,
        points=0.0,
        message=SECRET,
    )
    return replace(cast.reference(), tests=(*cast.reference().tests, test))


def test_json_unless_something_else_is_asked_for(ada: ApiClient, world: World, database: Database):
    public_id = graded(database, world)
    for accept in (None, "*/*", "application/json", "application/json, application/xml;q=0.5"):
        headers = {} if accept is None else {"Accept": accept}
        answer = ada.get(f"/submissions/{public_id}/report", headers=headers)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        assert answer.headers["Vary"] == "Accept"
    assert answer.get_json()["score"] == cast.reference().score


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("report", "application/xml"),
        ("report", "application/*;q=0.1, application/xml"),
        ("report.xml", "*/*"),
    ],
)
def test_junit(ada: ApiClient, world: World, database: Database, path: str, accept: str):
    answer = ada.get(f"/submissions/{graded(database, world)}/{path}", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    assert ElementTree.fromstring(answer.data).tag == "testsuites"


def test_no_other_form(ada: ApiClient, world: World, database: Database):
    answer = ada.get(f"/submissions/{graded(database, world)}/report", headers={"Accept": "image/png"})
    assert (answer.status_code, code_of(answer)) == (406, "not-acceptable")


def test_students_do_not_get_what_the_unit_hides_until_the_deadline(
    ada: ApiClient, world: World, database: Database
):
    public_id = graded(database, world, with_a_hidden_failure())
    for path in ("report", "report.xml"):
        assert SECRET not in ada.get(f"/submissions/{public_id}/{path}").text
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() - timedelta(minutes=1)
    for path in ("report", "report.xml"):
        assert SECRET in ada.get(f"/submissions/{public_id}/{path}").text


def test_staff_get_everything_with_the_scope_only(
    tara: ApiClient, client_of: ClientOf, world: World, database: Database
):
    public_id = graded(database, world, with_a_hidden_failure())
    report = tara.get(f"/submissions/{public_id}/report")
    assert SECRET in report.text
    validate_report(report.get_json())
    assert client_of(world.tara).get(f"/submissions/{public_id}/report").status_code == 404


def test_staff_s_own_submission_without_the_scope_is_a_student_s(
    client_of: ClientOf, world: World, database: Database
):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.tara)
        make_run(session, submission)
    report = client_of(world.tara).get(f"/submissions/{submission.public_id}/report").get_json()
    assert "seed" not in report["provenance"]


@pytest.mark.parametrize(
    "state", [RunState.QUEUED, RunState.RUNNING, RunState.CANCELLED, RunState.SUPERSEDED]
)
def test_there_is_none_before_it_is_graded(ada: ApiClient, world: World, database: Database, state: RunState):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission, state=state)
    for path in ("report", "report.xml", "report.gradescope.json"):
        answer = ada.get(f"/submissions/{submission.public_id}/{path}")
        assert (answer.status_code, code_of(answer)) == (409, "no-report")
        assert answer.get_json()["state"] == state
        assert ("Retry-After" in answer.headers) == (not state.is_final)


def test_of_a_problem_of_ours_students_learn_no_details(
    ada: ApiClient, tara: ApiClient, world: World, database: Database
):
    result = cast.grader_problem()
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission, result, state=RunState.PROBLEM)
    path = f"/submissions/{submission.public_id}/report"
    assert result.problem not in ada.get(path).text
    assert tara.get(path).get_json()["problem"] == result.problem


def test_gradescope_s_results_follow_the_unit_for_students_and_for_staff(
    ada: ApiClient, tara: ApiClient, world: World, database: Database
):
    path = f"/submissions/{graded(database, world, with_a_hidden_failure())}/report.gradescope.json"
    assert SECRET not in ada.get(path).text
    told = [e for e in parse_results(tara.get(path).text)["tests"] if SECRET in e["output"]]
    assert [entry["visibility"] for entry in told] == ["after_due_date"]
    assert parse_results(ada.get(path).text)["score"] == cast.reference().score


def test_there_are_no_results_for_gradescope_of_a_problem_of_ours(
    tara: ApiClient, world: World, database: Database
):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission, cast.grader_problem(), state=RunState.PROBLEM)
    answer = tara.get(f"/submissions/{submission.public_id}/report.gradescope.json")
    assert (answer.status_code, code_of(answer)) == (409, "no-report")
