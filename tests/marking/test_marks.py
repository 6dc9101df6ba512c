"""Marks: what is read, two people at one student, and what the audit trail says."""

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent
from grader.grades.sentences import did
from grader.marking import items
from grader.marking.items import Actor, ItemFields
from grader.marking.marks import (
    Entry,
    fingerprint,
    fingerprint_of,
    marks_of,
    read_entry,
    save_marks,
)
from grader.marking.sheet import neighbours, sheet
from tests.people import World, enrol, make_person

NONE = fingerprint_of(None)


@pytest.fixture
def session(database: Database, world: World):
    with database.writing() as session:
        fields = [ItemFields("Plots", "", 4), ItemFields("Out loud", "", 5)]
        items.add_items(session, world.unit, fields, Actor(world.ines))
        session.flush()
        yield session


@pytest.fixture
def save(session, world):
    def save(person, **entries):
        """Save entries by an item's title: (points, comment, what the form had shown)."""
        ids = {item.title: item.id for item in items.items_of(session, world.unit.id)}
        typed = {ids[title.replace("_", " ")]: Entry(*entry) for title, entry in entries.items()}
        saved = save_marks(session, world.unit, world.ada, typed, Actor(person, "192.0.2.7"))
        session.flush()
        return saved

    return save


def given(session, world):
    return {
        mark.item.title: (mark.points, mark.comment, mark.marked_by.name)
        for mark in marks_of(session, world.unit.id, world.ada.id).values()
    }


@pytest.mark.parametrize(
    ("points", "comment", "entry"),
    [("4", " well done\r\n", (4, "well done")), ("", " ", (None, "")), ("4.5", "", None), ("", "why?", None)],
)
def test_entries_are_read_within_the_item(points, comment, entry):
    found, problem = read_entry(points, comment, NONE, 4)
    assert (found and (found.points, found.comment)) == entry
    assert (problem == "") is (entry is not None)


def test_two_people_marking_different_items_do_not_meet(session, world, save):
    save(world.tara, Plots=(3, "axes?", NONE), Out_loud=(None, "", NONE))
    saved = save(world.ines, Plots=(None, "", NONE), Out_loud=(5, "", NONE))
    assert not saved.conflicts
    assert given(session, world) == {"Plots": (3, "axes?", "Tara Rao"), "Out loud": (5, "", "Ines Sol")}


def test_the_second_to_mark_an_item_is_told_and_loses_nothing(session, world, save):
    save(world.tara, Plots=(3, "axes?", NONE))
    saved = save(world.ines, Plots=(2, "", NONE), Out_loud=(4, "", NONE))
    assert [mark.points for mark in saved.conflicts.values()] == [3]
    assert given(session, world)["Plots"] == (3, "axes?", "Tara Rao")
    assert given(session, world)["Out loud"] == (4, "", "Ines Sol")
    saved = save(world.ines, Plots=(2, "", fingerprint(3.0, "axes?")))  # having seen it
    assert not saved.conflicts
    assert given(session, world)["Plots"] == (2, "", "Ines Sol")


def test_who_types_the_mark_that_is_there_clashes_with_nobody(session, world, save):
    save(world.tara, Plots=(3, "", NONE))
    saved = save(world.ines, Plots=(3, "", NONE))
    assert not saved.conflicts and not saved.changed
    assert given(session, world)["Plots"] == (3, "", "Tara Rao")


def test_a_mark_above_what_the_item_gives_by_now_clashes(session, world, save):
    """The points were read before the item gave less; nobody gets 4 of 3 points."""
    (item, *_) = items.items_of(session, world.unit.id)
    assert items.edit_item(session, world.unit, item, ItemFields("Plots", "", 3), Actor(world.ines)) == {}
    saved = save(world.tara, Plots=(4, "", NONE))
    assert (saved.changed, saved.conflicts) == ([], {item.id: None})
    assert given(session, world) == {}


def test_every_change_is_in_the_audit_trail_of_the_student(session, world, save):
    save(world.tara, Plots=(3, "", NONE))
    save(world.ines, Plots=(None, "", fingerprint(3.0, "")))
    assert given(session, world) == {}
    events = session.scalars(sa.select(AuditEvent).where(AuditEvent.concerns_id == world.ada.id)).all()
    assert [(event.action, event.details["before"], event.details["after"]) for event in events] == [
        ("rubric.mark", None, {"points": 3.0, "comment": ""}),
        ("rubric.withdraw-mark", {"points": 3.0, "comment": ""}, None),
    ]
    assert did(events[0], "Ada Byron") == "gave Ada Byron 3 of 4 points for “Plots”"
    assert events[0].actor_id == world.tara.id and events[0].address == "192.0.2.7"


def test_a_marked_student_keeps_the_place_among_those_not_marked(session, world, save):
    for name in ("Abel Zu", "Zoe Ax"):
        enrol(session, world.course, make_person(session, name), section="Tuesday")
    save(world.tara, Plots=(3, "", NONE), Out_loud=(3, "", NONE))
    rows = sheet(session, world.unit, items.items_of(session, world.unit.id))
    assert [(row.name, row.is_done, row.total) for row in rows][:2] == [
        ("Abel Zu", False, None),
        ("Ada Byron", True, 6),
    ]
    around = neighbours(rows, world.ada.id, "", only_unmarked=True)
    assert (around.previous.name, around.next.name, around.place, around.of) == (
        "Abel Zu", "Ben Okri", 2, 3,
    )  # fmt: skip
    assert neighbours(rows, rows[0].user_id, "tuesday", False).next.name == "Zoe Ax"
