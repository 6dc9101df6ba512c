"""GET /courses/<course>/"""

from datetime import timedelta

from grader.db.base import now
from grader.db.models import CourseUnit
from tests.cast import half_done, reference
from tests.people import make_unit
from tests.web.handed_in import hand_in


def test_units_with_deadline_and_ones_own_best_score(client_of, database, world):
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() + timedelta(days=2, minutes=5)
        make_unit(session, world.course, slug="cnn", title="Convolutions")
    hand_in(database, world, half_done(), reference(), half_done())
    hand_in(database, world, half_done(), person=world.ben)
    page = client_of(world.ada).get("/courses/dl/").text
    assert "<strong>100</strong> of 100 points" in page
    assert "2 days left" in page
    assert "Convolutions" in page
    assert "not handed in yet" in page
    assert "<strong>34</strong>" in client_of(world.ben).get("/courses/dl/").text


def test_unpublished_units_are_for_staff(client_of, database, world):
    with database.writing() as session:
        make_unit(session, world.course, slug="secret", title="Still in the making", is_published=False)
    assert "Still in the making" not in client_of(world.ada).get("/courses/dl/").text
    page = client_of(world.tara).get("/courses/dl/").text
    assert "Still in the making" in page
    assert "not published" in page


def test_a_course_without_units_says_so(client_of, world):
    assert "nothing to hand in yet" in client_of(world.cora).get("/courses/stats/").text


def test_titles_are_escaped(client_of, database, world):
    with database.writing() as session:
        make_unit(session, world.course, slug="x", title="<script>alert(1)</script>")
    assert "<script>alert" not in client_of(world.ada).get("/courses/dl/").text
