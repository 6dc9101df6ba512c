"""What is for staff alone reaches no student by any way out, whether grades are withheld or not.

All routes of the table are walked, with everything on the desk marked by a word of its own: previews of
regrades, replays, flags and what was made of them, hand-ins that are alike, what was decided of others.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from grader.db.database import Database
from grader.db.models import (
    FlagDecision,
    FlagVerdict,
    GradingRun,
    Regrade,
    RegradedSubmission,
    RegradeState,
    RubricMark,
    RunState,
    SimilarPair,
    Submission,
    Task,
    UnitVersion,
)
from grader.grades import audit, releasing
from grader.judging.result import ReviewFlag
from grader.reading import comments
from tests.cast import half_done, reference
from tests.people import World, make_run, make_submission
from tests.web.conftest import ClientOf
from tests.web.routes import TABLE, Expected
from tests.web.test_routes import Scene, ask

FOR_STAFF = ("zebra", "37.25", "43.75")  # words, the score of the preview, that of the replay
FOR_ADA = ("okapi",)  # her mark and a comment on her code, once grades are released


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # what is hidden does not depend on it


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    with database.writing() as session:
        scene = Scene(session, world)
        scene.values["user_id"] = world.ada.id
        submission = session.query(Submission).filter_by(public_id=scene.values["public_id"]).one()
        standing = session.query(GradingRun).filter_by(submission_id=submission.id, stands=True).one()
        regrade = session.query(Regrade).one()
        regrade.state, regrade.reason = RegradeState.READY, "zebra: a test was wrong"
        flagged = replace(half_done(), review=(ReviewFlag("zebra-code", "zebra.py", 3, "zebra"),))
        preview = make_run(
            session, submission, replace(flagged, score=37.25), stands=False, regrade_id=regrade.id
        )
        session.query(RegradedSubmission).one().run_id = preview.id
        repeated = replace(reference(), score=43.75)
        make_run(session, submission, repeated, stands=False, repeats_run_id=standing.id)
        make_run(session, submission, stands=False, state=RunState.PROBLEM, problem="zebra: worker died")
        session.query(UnitVersion).update({"label": "zebra"})
        session.query(Task).update({"progress": {"phase": "zebra"}, "problem": "zebra"})
        session.query(SimilarPair).update({"note": "zebra"})
        session.add(
            FlagDecision(
                submission_id=submission.id,
                code="zebra-code",
                verdict=FlagVerdict.ACTED_ON,
                note="zebra",
                decided_by_id=world.tara.id,
            )
        )
        for action in ("flag.act-on", "similarity.judge", "regrade.start", "version.upload"):
            audit.record(
                session,
                action,
                actor=world.tara,
                course_id=world.course.id,
                subject="zebra",
                concerns_id=world.ada.id,
                submission_id=submission.id,
                details={"unit_id": world.unit.id, "reason": "zebra"},
            )
        audit.record(
            session,
            "rubric.mark",
            actor=world.tara,
            course_id=world.course.id,
            subject="okapi",
            concerns_id=world.ada.id,
            details={"unit_id": world.unit.id, "item": "okapi", "max_points": 1.0, "after": {"points": 1.0}},
        )
        ben = make_submission(session, world.unit, world.ben)
        make_run(session, ben)
        comments.add(session, ben, "", 0, "zebra", author=world.tara, address=None)
        comments.add(session, submission, "", 0, "okapi", author=world.tara, address=None)
        for student, text in ((world.ben, "zebra"), (world.ada, "okapi")):
            mark = {"item_id": scene.values["item_id"], "user_id": student.id, "marked_by_id": world.tara.id}
            session.add(RubricMark(**mark, points=1.0, comment=text))
    return scene


def told(app: Flask, client_of: ClientOf, scene: Scene, person: str, words: tuple[str, ...]) -> set[str]:
    """Ask all there is to ask, as this person; return the routes that answer with one of the words."""
    found = set()
    for route in TABLE:
        method, rule = route.split(" ", 1)
        if method == "GET":
            with ask(app, client_of, scene, Expected(method, rule, person, "ok")) as answer:
                assert answer.status_code != 500, route
                if answer.mimetype != "application/zip" and any(word in answer.text for word in words):
                    found.add(route)
    return found


@pytest.mark.parametrize("person", ["ada", "former", "cora", "olaf"])
def test_no_student_reads_what_is_for_staff(
    app: Flask, client_of: ClientOf, database: Database, world: World, scene: Scene, person: str
):
    assert told(app, client_of, scene, person, FOR_STAFF) == set()
    with database.writing() as session:
        releasing.withhold(session, world.unit.id, world.ines)
    assert told(app, client_of, scene, person, (*FOR_STAFF, *FOR_ADA)) == set()


def test_staff_read_it_and_ada_what_people_said_of_her_work(app: Flask, client_of: ClientOf, scene: Scene):
    assert told(app, client_of, scene, "tara", FOR_STAFF) >= {
        "GET /submissions/<public_id>",
        "GET /submissions/<public_id>/log",
        "GET /courses/<course>/<unit>/regrades",
        "GET /courses/<course>/<unit>/tests",
        "GET /courses/<course>/<unit>/similarity/<pair>",
        "GET /courses/<course>/decisions",
    }
    assert told(app, client_of, scene, "ada", FOR_ADA) == {"GET /courses/<course>/<unit>/"}
