"""Points from people: sums, maxima, and what does not count."""

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import RubricItem, RubricMark
from grader.marking.points import rubric_points, rubric_points_of, rubric_points_of_units
from tests.people import World, make_unit


def add_item(session, unit, max_points, **marks):
    item = RubricItem(course_unit_id=unit.id, title="Plots", max_points=max_points)
    session.add(item)
    session.flush()
    session.add_all(
        RubricMark(item_id=item.id, user_id=int(who[1:]), points=points, marked_by_id=1)
        for who, points in marks.items()
    )
    return item


def test_marks_add_up_exactly_and_retired_items_do_not_count(database: Database, world: World):
    ada, ben = (f"u{person.id}" for person in (world.ada, world.ben))
    with database.writing() as session:
        add_item(session, world.unit, 0.3, **{ada: 0.1, ben: 0.3})
        add_item(session, world.unit, 0.6, **{ada: 0.2})
        add_item(session, world.unit, 5, **{ada: 5}).retired_at = now()
        other = make_unit(session, world.course, slug="other")
    with database.reading() as session:
        assert rubric_points(session, world.unit.id) == {world.ada.id: (0.3, 0.9), world.ben.id: (0.3, 0.9)}
        assert rubric_points_of(session, world.unit.id, world.ada.id) == (0.3, 0.9)
        assert rubric_points_of(session, world.unit.id, world.tara.id) == (0.0, 0.9)
        assert rubric_points_of_units(session, [world.unit.id, other.id])[other.id] == {}
        assert rubric_points_of(session, other.id, world.ada.id) is None
