"""The audit trail: found by person, kind and text, in plain sentences, and what of it a student reads."""

import csv
import io

import pytest

from grader.db.models import CourseUnit, DecisionKind, Enrolment
from grader.grades import allowances, decisions, releasing, trail
from grader.grades.allowances import Grant
from grader.grades.audit import record
from grader.grades.decisions import Verdict
from grader.grades.trail import Search
from tests.people import make_submission


@pytest.fixture
def decided(database, world):
    """Three decisions, a webhook's event, and one of another course."""
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).max_attempts = 3
        verdict = Verdict(DecisionKind.SCORE, "=HYPERLINK(“größer”)", score=77.5)
        decisions.decide(session, world.unit.id, world.ada.id, verdict, world.tara)
        grant = Grant("storm", section="A", extra_attempts=2)
        allowances.allow(session, world.unit.id, grant, world.ines)
        releasing.withhold(session, world.unit.id, world.ines)
        for course, action in ((world.course, "webhook.register"), (world.other_course, "grade.score")):
            record(session, action, actor=world.ines, course_id=course.id, subject="webhook x")


def found(database, world, *, is_instructor=True, **search) -> list[str]:
    with database.reading() as session:
        query = trail.found(world.course.id, Search(**search), is_instructor=is_instructor)
        return [f"{line.actor} {line.did}" for line in trail.lines(session, session.scalars(query).all())]


@pytest.mark.usefixtures("decided")
def test_each_event_is_a_sentence_the_newest_first(database, world):
    assert found(database, world) == [
        "Ines Sol added the webhook x",
        "Ines Sol withheld the grades of the unit",
        "Ines Sol granted section A: 2 more attempts",
        "Tara Rao set Ada Byron’s score to 77.5 points",
    ]


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("search", "count"),
    [
        ({"person": "ada@"}, 1),
        ({"person": "tara"}, 1),
        ({"person": "%"}, 0),
        ({"kind": "allowance"}, 1),
        ({"kind": "grade"}, 1),
        ({"text": "größer"}, 1),
        ({"text": "STORM"}, 1),
        ({"person": "ines", "kind": "grades", "text": "module 03"}, 1),
    ],
)
def test_it_is_found_by_person_kind_and_text(database, world, search, count):
    assert len(found(database, world, **search)) == count


@pytest.mark.usefixtures("decided")
def test_webhooks_are_for_instructors(database, world):
    assert len(found(database, world, is_instructor=False)) == 3
    with database.reading() as session:
        kinds = trail.kinds(session, world.course.id, is_instructor=False)
    assert [kind for kind, _ in kinds] == ["grade", "allowance", "grades"]


@pytest.mark.usefixtures("decided")
def test_the_csv_has_no_formulas(database, world):
    with database.reading() as session:
        query = trail.found(world.course.id, Search(kind="grade"), is_instructor=True)
        text = trail.as_csv(trail.lines(session, session.scalars(query).all())).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["why"] == "'=HYPERLINK(“größer”)"
    assert (row["who"], row["concerns"]) == ("Tara Rao", "Ada Byron")


@pytest.mark.usefixtures("decided")
def test_a_student_reads_what_concerns_them_and_nothing_of_withheld_grades(database, world):
    with database.writing() as session:
        session.query(Enrolment).filter_by(user_id=world.ben.id).update({"section": "A"})

    def read(user) -> list[str]:
        with database.reading() as session:
            unit = session.get_one(CourseUnit, world.unit.id)
            lines = trail.concerning(session, unit, user.id, for_student=True)
        return [line.did for line in lines]

    withheld = "withheld the grades of the unit"
    assert read(world.ada) == [withheld]
    assert read(world.ben) == [withheld, "granted section A: 2 more attempts"]
    with database.writing() as session:
        releasing.release(session, world.unit.id, world.ines)
    released = "released the grades of the unit"
    assert read(world.ada) == [released, withheld, "set your score to 77.5 points"]


def test_marks_and_comments_are_told_once_grades_are_released_and_flags_to_staff_alone(database, world):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        about = {"actor": world.tara, "course_id": world.course.id, "concerns_id": world.ada.id}
        mark = {"unit_id": world.unit.id, "item": "Plots", "max_points": 4.0, "after": {"points": 3.0}}
        record(session, "rubric.mark", subject="Plots", details=mark, **about)
        record(session, "comment.add", subject="code", submission_id=submission.id, **about)
        flagged = {"submission_id": submission.id, "details": {"unit_id": world.unit.id}}
        record(session, "flag.act-on", subject="flag", **flagged, **about)
        releasing.withhold(session, world.unit.id, world.ines)

    def read(*, for_student: bool) -> set[str]:
        with database.reading() as session:
            unit = session.get_one(CourseUnit, world.unit.id)
            found = trail.concerning(session, unit, world.ada.id, for_student=for_student)
        return {line.action for line in found} & {"rubric.mark", "comment.add", "flag.act-on"}

    assert read(for_student=True) == set()
    assert read(for_student=False) == {"rubric.mark", "comment.add", "flag.act-on"}
    with database.writing() as session:
        releasing.release(session, world.unit.id, world.ines)
    assert read(for_student=True) == {"rubric.mark", "comment.add"}
