"""Items of a rubric: what is taken, how they change, and what is written down of it."""

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, RubricItem
from grader.marking import items
from grader.marking.checklists import checklist
from grader.marking.items import Actor, ItemFields, read_item, read_number
from grader.marking.marks import Entry, fingerprint_of, save_marks
from grader.marking.points import rubric_points
from tests.people import World


def titles(session, world):
    return [item.title for item in items.items_of(session, world.unit.id)]


@pytest.fixture
def session(database: Database, world: World):
    with database.writing() as session:
        items.add_items(session, world.unit, [ItemFields(each, "", 4) for each in "abc"], Actor(world.ines))
        session.flush()
        yield session


@pytest.mark.parametrize(
    ("text", "number"),
    [("2.5", 2.5), (" 2,25 ", 2.25), ("0", 0.0), ("-0", 0.0), ("-1", None), ("2.125", None), ("", None),
     ("nan", None), ("inf", None), ("two", None), ("1e400", None)],
)  # fmt: skip
def test_points_are_read_as_people_type_them(text, number):
    assert read_number(text) == number


def test_an_item_needs_a_title_and_points_above_none():
    assert read_item(" Plots  and\nanswers ", " why\r\nhow ", "4")[0] == ItemFields(
        "Plots and answers", "why\nhow", 4.0
    )
    assert set(read_item("", "x" * 3000, "0")[1]) == {"title", "description", "max_points"}


def test_items_move_retire_and_return(session, world):
    actor = Actor(world.ines)
    a, _, c = items.items_of(session, world.unit.id)
    items.move_item(session, world.unit, c, True, actor)
    items.move_item(session, world.unit, a, True, actor)  # is the first already
    assert titles(session, world) == ["a", "c", "b"]
    items.retire_item(session, world.unit, a, actor)
    assert titles(session, world) == ["c", "b"]
    items.restore_item(session, world.unit, a, actor)
    session.flush()
    assert titles(session, world) == ["c", "b", "a"]
    actions = session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [*actions] == [
        *["rubric.add-item"] * 3, "rubric.move-item", "rubric.retire-item", "rubric.restore-item",
    ]  # fmt: skip


def test_retiring_keeps_marks_and_does_not_count_them(session, world):
    a, _, _ = items.items_of(session, world.unit.id)
    save_marks(session, world.unit, world.ada, {a.id: Entry(3, "", fingerprint_of(None))}, Actor(world.tara))
    session.flush()
    items.retire_item(session, world.unit, a, Actor(world.ines))
    assert rubric_points(session, world.unit.id) == {}
    items.restore_item(session, world.unit, a, Actor(world.ines))
    assert rubric_points(session, world.unit.id) == {world.ada.id: (3, 12)}


def test_an_item_never_gives_more_than_its_maximum(session, world):
    a, _, _ = items.items_of(session, world.unit.id)
    save_marks(session, world.unit, world.ada, {a.id: Entry(3, "", fingerprint_of(None))}, Actor(world.tara))
    session.flush()
    lower = ItemFields("a", "", 2)
    assert "max_points" in items.edit_item(session, world.unit, a, lower, Actor(world.ines))
    assert items.edit_item(session, world.unit, a, ItemFields("A", "", 3), Actor(world.ines)) == {}
    assert session.get(RubricItem, a.id).max_points == 3


def test_the_checklist_of_the_unit_starts_an_empty_rubric_only(session, world):
    assert checklist("nn") and not checklist("../nn") and not checklist("other")
    for item in checklist("nn"):
        assert read_item(item.title, item.description, f"{item.max_points:g}")[0] == item
    assert items.start_from(session, world.unit, checklist("nn"), Actor(world.ines)) != ""
