"""The rubric's pages: its items, marking on to the next, two TAs at once, and what students see."""

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import CourseUnit, DecisionKind, RubricItem, RubricMark, User
from grader.grades.decisions import Verdict, decide
from grader.marking.items import Actor, ItemFields, add_items
from tests.cast import reference
from tests.people import World
from tests.web.conftest import ClientOf
from tests.web.forms import forms_in, submit
from tests.web.handed_in import hand_in

RUBRIC = "/courses/dl/nn/rubric"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def items(database: Database, world: World) -> list[int]:
    with database.writing() as session:
        fields = [ItemFields("Plots", "Axes and captions.", 4), ItemFields("Out loud", "", 5)]
        add_items(session, world.unit, fields, Actor(world.ines))
        return list(session.scalars(sa.select(RubricItem.id).order_by(RubricItem.id)))


def form_of(world: World, person, query: str = "") -> str:
    return f"{RUBRIC}/students/{person.id}{query}"


def test_an_instructor_starts_from_the_checklist_and_a_ta_reads_it(
    client_of: ClientOf, world: World, database
):
    assert "Start from the course’s checklist" not in client_of(world.tara).get(RUBRIC).text
    answer = submit(client_of(world.ines), RUBRIC, f"{RUBRIC}/checklist")
    assert answer.status_code == 303
    page = client_of(world.tara).get(RUBRIC).text
    assert "Said out loud: one linear boundary" in page and "5 items, 20 points" in page
    assert "0 of 2 students are marked" in page


def test_an_item_with_a_mistake_is_shown_again_as_typed(client_of: ClientOf, world: World, items):
    answer = client_of(world.ines).post(f"{RUBRIC}/items", data={"title": "Style", "max_points": "many"})
    assert answer.status_code == 422
    assert 'value="Style"' in answer.text and "A number above 0" in answer.text


def test_an_item_of_another_unit_is_not_found(client_of: ClientOf, world: World, items, database):
    with database.writing() as session:
        other = CourseUnit(course_id=world.course.id, slug="two", unit="nn", title="Two")
        session.add(other)
    path = f"/courses/dl/two/rubric/items/{items[0]}"
    for action in ("", "/retire"):
        assert (
            client_of(world.ines).post(path + action, data={"title": "x", "max_points": "1"}).status_code
            == 404
        )


def test_saving_leads_to_the_next_student_within_the_filter(client_of: ClientOf, world: World, items):
    browser = client_of(world.tara)
    path = form_of(world, world.ada, "?show=unmarked")
    typed = {f"points-{items[0]}": "3,5", f"points-{items[1]}": "5", f"comment-{items[0]}": "Lovely."}
    answer = submit(browser, path, None, then="next", **typed)
    assert answer.location == form_of(world, world.ben, "?show=unmarked")
    assert "1 of 1 to mark" in browser.get(answer.location).text
    answer = submit(browser, answer.location, None, then="next")
    assert answer.location == f"{RUBRIC}?show=unmarked"
    page = browser.get(RUBRIC).text
    assert "8.5" in page and "1 of 2 students are marked" in page


def test_what_cannot_be_read_is_kept_as_typed_and_nothing_is_saved(
    client_of: ClientOf, world: World, items, database
):
    typed = {f"points-{items[0]}": "3", f"points-{items[1]}": "6"}
    answer = submit(client_of(world.tara), form_of(world, world.ada), None, **typed)
    assert answer.status_code == 422
    assert 'value="6"' in answer.text and "A number from 0 to 5" in answer.text
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RubricMark)) == 0


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5_000, "٣", "-1"])
def test_a_field_that_names_no_item_is_passed_over(client_of: ClientOf, world: World, items, number):
    answer = client_of(world.tara).post(form_of(world, world.ada), data={f"points-{number}": "1"})
    assert answer.status_code == 303


def test_the_second_of_two_sees_both_marks_and_saves_again(
    client_of: ClientOf, world: World, items, database
):
    path = form_of(world, world.ada)
    (second,) = [form for form in forms_in(client_of(world.ines).get(path).text) if form["action"] == path]
    submit(client_of(world.tara), path, None, **{f"points-{items[0]}": "2"})
    fields = {**second["fields"], f"points-{items[0]}": "4", f"points-{items[1]}": "5"}
    answer = client_of(world.ines).post(path, data=fields)
    assert answer.status_code == 409
    assert "Tara Rao gave 2" in answer.text and 'value="4"' in answer.text

    def points():
        with database.reading() as session:
            return dict(session.execute(sa.select(RubricMark.item_id, RubricMark.points)).all())

    assert points() == {items[0]: 2, items[1]: 5}
    (again,) = [form for form in forms_in(answer.text) if form["action"] == path]
    assert client_of(world.ines).post(path, data=again["fields"]).status_code == 303
    assert points() == {items[0]: 4, items[1]: 5}


def test_what_was_typed_for_an_item_that_is_retired_meanwhile_is_told(
    client_of: ClientOf, world: World, items
):
    path = form_of(world, world.ada)
    browser = client_of(world.tara)
    (form,) = [form for form in forms_in(browser.get(path).text) if form["action"] == path]
    client_of(world.ines).post(f"{RUBRIC}/items/{items[0]}/retire")
    fields = {**form["fields"], f"points-{items[0]}": "3", f"comment-{items[0]}": "good"}
    page = browser.post(path, data=fields, follow_redirects=True).text
    assert "Not saved: 3 points and “good”" in page


def test_students_see_marks_comments_and_the_sum_unless_withheld(
    client_of: ClientOf, world: World, items, database
):
    hand_in(database, world, reference())
    unit = "/courses/dl/nn/"
    assert "9 points are given by people" in client_of(world.ada).get(unit).text
    typed = {f"points-{items[0]}": "3.5", f"comment-{items[0]}": "Lovely <b>axes</b>."}
    submit(client_of(world.tara), form_of(world, world.ada), None, **typed)
    page = client_of(world.ada).get(unit).text
    assert "<strong>103.5</strong> of 109 points" in page and "Lovely &lt;b&gt;axes" in page
    assert "Lovely" not in client_of(world.ben).get(unit).text
    with database.writing() as session:
        session.get(CourseUnit, world.unit.id).are_grades_withheld = True
    page = client_of(world.ada).get(unit).text
    assert "Graded by people" not in page and "Lovely" not in page


def test_who_is_excused_reads_the_comments_and_no_sum(client_of: ClientOf, world: World, items, database):
    hand_in(database, world, reference())
    typed = {f"points-{items[0]}": "3.5", f"comment-{items[0]}": "Lovely axes."}
    submit(client_of(world.tara), form_of(world, world.ada), None, **typed)
    with database.writing() as session:
        excuse = Verdict(DecisionKind.EXCUSED, "was ill")
        decide(session, world.unit.id, world.ada.id, excuse, world.tara)
    page = client_of(world.ada).get("/courses/dl/nn/").text
    assert "You are excused: no points of this unit count for you" in page
    assert "Lovely axes" in page
    assert "by people" not in page.replace("Graded by people", "")


def test_only_students_of_the_course_are_marked(client_of: ClientOf, world: World, items):
    for person in (world.tara, world.cora):
        assert client_of(world.tara).get(form_of(world, person)).status_code == 404


def test_nobody_marks_their_own_work(client_of: ClientOf, world: World, items, database):
    with database.writing() as session:
        session.get(User, world.ada.id).is_admin = True
    path = form_of(world, world.ada)
    assert client_of(world.ada).post(path, data={f"points-{items[0]}": "4"}).status_code == 403
