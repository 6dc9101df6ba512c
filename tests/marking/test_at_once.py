"""Two who move items, and one who marks, at once: all come to their end (PostgreSQL)."""

import threading

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.marking import items
from grader.marking.items import Actor, ItemFields
from grader.marking.marks import Entry, fingerprint_of, save_marks
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.jobs.workers import wait_until
from tests.people import World

# Its own: those of the folder are open on SQLite.
__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]
pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_moving_and_marking_at_once(database: Database, world: World):
    actor, failures = Actor(world.ines), []
    with database.writing() as session:
        items.add_items(session, world.unit, [ItemFields(each, "", 4) for each in "abc"], actor)
        session.flush()
        first, second, third = (item.id for item in items.items_of(session, world.unit.id))

    def move_second() -> None:
        with database.writing() as session:
            item = items.locked_item(session, world.unit.id, second)
            assert item is not None
            items.move_item(session, world.unit, item, False, actor)

    def mark() -> None:
        entry = Entry(3.0, "", fingerprint_of(None))
        with database.writing() as session:
            save_marks(session, world.unit, world.ada, dict.fromkeys((first, second, third), entry), actor)

    def kept(act) -> None:
        try:
            act()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=kept, args=(act,)) for act in (move_second, mark)]
    with database.writing() as session, database.engine.connect() as onlooker:
        item = items.locked_item(session, world.unit.id, third)
        assert item is not None
        for thread in threads:
            thread.start()
        wait_until(lambda: onlooker.scalar(WAITING) >= len(threads), "both wait")
        items.move_item(session, world.unit, item, True, actor)
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading() as session:
        order = [item.id for item in items.items_of(session, world.unit.id)]
        assert order in ([first, third, second], [first, second, third])
