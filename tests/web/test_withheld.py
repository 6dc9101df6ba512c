"""While grades are withheld, no way out carries a score, a test or a chart to a student.

All routes of the table are walked, so a new one that forgets to ask is found here.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from grader.client.command import _tell_result
from grader.client.endings import Ending, Exit
from grader.db.database import Database
from grader.db.models import CommitStatus, CourseUnit, GradingRun, RunEvent, RunState, Submission
from grader.git.live_lines import LiveLines
from grader.grades import decisions, releasing
from grader.grades.decisions import DecisionKind, Verdict
from grader.judging.result import GradingResult
from grader.pushes import statuses
from grader.results.visibility import Audience, filter_for
from grader.web.api.live_events import Follower
from tests.cast import half_done
from tests.integrations import make_link, make_push
from tests.people import World, make_run, make_submission
from tests.results.allowing import rules
from tests.results.events import EVENTS
from tests.web.conftest import ClientOf
from tests.web.handed_in import hand_in, run_on
from tests.web.routes import TABLE, Expected
from tests.web.test_routes import Scene, ask

PLANTED_TEST = "test_zebra_crossing"
PLANTED_SCORE, DECIDED_SCORE = 61.25, 71.75
MARKERS = (PLANTED_TEST, "zebra crossing", "61.25", "61.2", "71.75", "71.8")
# In /metrics, what the process of the tests itself has used: 161.2 s of computing time are no score.
PROCESS = re.compile(r"^process_\w+ \S+$", re.MULTILINE)


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # what is hidden does not depend on it


def planted() -> GradingResult:
    """A result whose score and first test are like no other."""
    result = half_done()
    first = replace(result.tests[0], id=f"public/test_zebra.py::{PLANTED_TEST}")
    return replace(result, score=PLANTED_SCORE, tests=(first, *result.tests[1:]))


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    """Ada has two graded submissions, both with what was planted, and a decided score."""
    with database.writing() as session:
        scene = Scene(session, world)
        first = session.query(Submission).filter_by(public_id=scene.values["public_id"]).one()
        session.query(GradingRun).filter_by(submission_id=first.id).update({"stands": False})
        for submission in (first, make_submission(session, world.unit, world.ada)):
            run = make_run(session, submission, planted())
            session.add_all(
                RunEvent(run_id=run.id, fence=run.fence, number=number, kind=kind, data=data)
                for number, kind, data in EVENTS
            )
        scene.values["user_id"] = world.ada.id
        verdict = Verdict(DecisionKind.SCORE, f"raised to {DECIDED_SCORE}", score=DECIDED_SCORE)
        decisions.decide(session, world.unit.id, world.ada.id, verdict, world.tara)
    return scene


def withhold(database: Database, world: World) -> None:
    with database.writing() as session:
        assert releasing.withhold(session, world.unit.id, world.ines)


def telling_routes(app: Flask, client_of: ClientOf, scene: Scene, person: str) -> set[str]:
    """Ask all there is to ask, as this person; return the routes that answer with what was planted."""
    found = set()
    for route in TABLE:
        method, rule = route.split(" ", 1)
        if method == "GET":
            with ask(app, client_of, scene, Expected(method, rule, person, "ok")) as answer:
                assert answer.status_code != 500, route
                if is_told(answer):
                    found.add(route)
    return found


def is_told(answer: TestResponse) -> bool:
    if answer.mimetype == "application/zip":
        return False
    text = PROCESS.sub("", answer.text)
    return any(marker in text for marker in MARKERS)


def test_no_route_tells_a_student_what_is_withheld(
    app: Flask, client_of: ClientOf, database: Database, world: World, scene: Scene
):
    shown = telling_routes(app, client_of, scene, "ada")
    assert shown >= {
        "GET /courses/<course>/",
        "GET /courses/<course>/<unit>/",
        "GET /courses/<course>/<unit>/compare",
        "GET /submissions/<public_id>",
        "GET /submissions/<public_id>/report.<any(json, xml, html):kind>",
        "GET /submissions/<public_id>/report.gradescope.json",
        "GET /api/v1/courses/<course>/units",
        "GET /api/v1/submissions",
        "GET /api/v1/submissions/<public_id>",
        "GET /api/v1/submissions/<public_id>/events",
        "GET /api/v1/submissions/<public_id>/report",
        "GET /api/v1/submissions/<public_id>/report.xml",
        "GET /api/v1/submissions/<public_id>/report.gradescope.json",
    }
    withhold(database, world)
    assert telling_routes(app, client_of, scene, "ada") == set()
    assert telling_routes(app, client_of, scene, "tara") >= {
        "GET /submissions/<public_id>",
        "GET /api/v1/submissions/<public_id>/report",
        "GET /courses/<course>/<unit>/students/<int:user_id>",
    }


def test_the_student_is_told_that_it_is_graded_and_when_grades_are_released(
    client_of: ClientOf, database: Database, world: World, scene: Scene
):
    withhold(database, world)
    ada = client_of(world.ada)
    page = ada.get(f"/submissions/{scene.values['public_id']}")
    assert (page.status_code, "Your hand-in is safe and has been graded" in page.text) == (200, True)
    report = ada.get(f"/submissions/{scene.values['public_id']}/report.html")
    assert (report.status_code, "not released yet" in report.text) == (403, True)
    assert "Not released yet" in ada.get("/courses/dl/nn/").text
    with database.writing() as session:
        assert releasing.release(session, world.unit.id, world.ines)
    page = ada.get("/courses/dl/nn/")
    assert "The grades of this unit were released on" in page.text
    assert "Ines Sol</b> released the grades of the unit" in page.text


def test_nothing_is_told_of_a_grading_that_goes_on(client_of: ClientOf, database: Database, world: World):
    public_id = run_on(database, world)
    with database.reading() as session:
        submission_id = session.query(Submission.id).filter_by(public_id=public_id).scalar()
    allowed = filter_for(rules(), Audience.STUDENT, deadline_over=False)
    follower = Follower(database, submission_id, allowed, queue_look_s=0)
    assert {event.kind for event in follower.look()} > {"state"}
    lines = LiveLines(database, public_id, allowed)
    assert len(lines.look()) > 3
    withhold(database, world)  # while they are followed
    assert {event.kind for event in Follower(database, submission_id, allowed).look()} == {"state"}
    assert lines.look() == ["Being graded. Your staff release the grades of this unit later."]
    progress = client_of(world.ada).get(f"/submissions/{public_id}/progress").json
    assert progress["state"] == "running"
    assert not any(progress[name] for name in ("tests", "phase", "done", "total", "passed", "epochs"))
    assert "charts" not in progress
    with database.writing() as session:
        run = session.query(GradingRun).filter_by(submission_id=submission_id).one()
        run.state, run.score, run.max_score = RunState.GRADED, 61.25, 100
    assert lines.look() == ["Graded. Your staff release the grades of this unit later."]
    (told,) = follower.look()
    assert told.data == {"state": "graded", "score": None, "max_score": None}


def test_hosts_of_commits_are_told_with_the_release(database: Database, world: World):
    (public_id,) = hand_in(database, world, planted())
    withhold(database, world)
    with database.writing() as session:
        submission = session.query(Submission).filter_by(public_id=public_id).one()
        link = make_link(session, session.get_one(CourseUnit, world.unit.id), world.ada, token="t")
        link.reports_status = True
        push = make_push(session, link, "a", "b", submission_id=submission.id)
        statuses.tell_of_hand_in(session, push)

    def told() -> tuple[str, str]:
        with database.reading() as session:
            status = session.query(CommitStatus).one()
            return status.wanted.value, status.description

    assert told() == ("pending", "Graded; the staff release the grades later.")
    with database.writing() as session:
        releasing.release(session, world.unit.id, world.ines)
    assert told() == ("failure", "Graded: not all points yet.")


def test_grader_submit_says_so_and_counts_it_neither_as_passed_nor_as_failed():
    with pytest.raises(Ending) as ending:
        _tell_result(None, None, _Handed(), {"state": "graded", "is_withheld": True}, None)  # type: ignore[arg-type]
    assert ending.value.code is Exit.NOT_GRADED


class _Handed:
    id = "abc"
