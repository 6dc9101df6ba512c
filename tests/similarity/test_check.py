"""The check on the database: who is compared with whom, what is kept, and when it starts by itself."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Allowance, CourseUnit, PairVerdict, SimilarPair, Task, TaskState, User
from grader.errors import StoppedError
from grader.settings import Settings
from grader.similarity.asking import start_due_checks
from grader.similarity.check import run
from tests.people import World, enrol, make_course, make_person, make_submission, make_unit
from tests.similarity.checked import carry_out, hand_in_files, make_check
from tests.similarity.disguises import all_at_once
from tests.similarity.honest import honest_submissions

HONEST = honest_submissions(8)
COPY = all_at_once(HONEST[2], random.Random(4))
DAY = timedelta(days=1)


@pytest.fixture
def earlier(database: Database, world: World) -> CourseUnit:
    """Last year's course, in which Olaf and Ada handed in what Ben copies and Ada hands in again."""
    with database.writing() as session:
        course = make_course(session, slug="dl-2025", title="Deep learning 2025")
        unit = make_unit(session, course)
        for person, files in ((world.olaf, HONEST[2]), (world.ada, HONEST[3])):
            enrol(session, course, person)
            hand_in_files(session, unit, person, files)
        return unit


def hand_in_all(database: Database, world: World) -> dict[str, User]:
    """Ada, Ben and five more hand in; Ben's is a copy, one is no archive; the TA hands in Ben's as well."""
    with database.writing() as session:
        people = {"Ada": world.ada, "Ben": world.ben}
        for name in ("Cleo", "Dan", "Eva", "Finn"):
            people[name] = make_person(session, f"{name} Holm")
            enrol(session, world.course, people[name])
        hand_in_files(session, world.unit, world.ben, HONEST[0])  # not his latest
        for person, files in zip(people.values(), (HONEST[3], COPY, *HONEST[4:7]), strict=False):
            hand_in_files(session, world.unit, person, files)
        make_submission(session, world.unit, people["Finn"])
        hand_in_files(session, world.unit, world.tara, COPY)
        return people


def test_a_copy_of_last_year_is_found_and_ones_own_is_not(
    database: Database, world: World, settings: Settings, earlier: CourseUnit
):
    people = hand_in_all(database, world)
    with database.writing() as session:
        task = make_check(session, world.unit, [earlier])
    result = carry_out(database, settings, task)
    assert (result["compared"], result["earlier"]) == (5, 2)
    assert result["pairs"] == 5 * 4 // 2 + 5 * 2 - 1 == sum(result["histogram"])
    with database.reading() as session:
        pairs = session.scalars(sa.select(SimilarPair).order_by(SimilarPair.similarity.desc())).all()
        top = pairs[0]
        assert (top.first.user_id, top.second.user_id) == (world.ben.id, world.olaf.id)
        assert (top.first.course_unit_id, top.second.course_unit_id) == (world.unit.id, earlier.id)
        assert top.similarity > 0.8 > pairs[1].similarity
        assert all(pair.first.user_id != pair.second.user_id for pair in pairs)
        assert world.tara.id not in {pair.first.user_id for pair in pairs}
        (unread,) = result["uncompared"]
        assert unread not in {pair.first_id for pair in pairs}
        assert people["Finn"].id is not None


def test_what_staff_made_of_a_pair_holds_in_the_next_check(
    database: Database, world: World, settings: Settings, earlier: CourseUnit
):
    hand_in_all(database, world)
    with database.writing() as session:
        first, second = make_check(session, world.unit, [earlier]), make_check(session, world.unit, [earlier])
    carry_out(database, settings, first)
    with database.writing() as session:
        top = session.scalars(sa.select(SimilarPair).order_by(SimilarPair.similarity.desc())).first()
        assert top is not None
        top.verdict, top.note, top.seen_at = PairVerdict.TO_DISCUSS, "ask about the loss", now()
        pair = (top.first_id, top.second_id)
    run(database, settings, second, lambda progress: None, lambda: False)  # its worker dies then
    carry_out(database, settings, second)
    with database.reading() as session:
        found = session.scalars(
            sa.select(SimilarPair).where(
                SimilarPair.task_id == second.id,
                SimilarPair.first_id == pair[0],
                SimilarPair.second_id == pair[1],
            )
        ).all()
        assert [(each.verdict, each.note) for each in found] == [
            (PairVerdict.TO_DISCUSS, "ask about the loss")
        ]


def test_a_check_that_nobody_waits_for_leaves_nothing(database: Database, world: World, settings: Settings):
    hand_in_all(database, world)
    with database.writing() as session:
        task = make_check(session, world.unit)
    with database.writing() as session:
        session.get_one(Task, task.id).state = TaskState.CANCELLED
    with pytest.raises(StoppedError):
        run(database, settings, task, lambda progress: None, lambda: False)
    with pytest.raises(StoppedError):
        run(database, settings, task, lambda progress: None, lambda: True)
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(SimilarPair.id))) == 0


def set_unit(database: Database, world: World, **fields: object) -> None:
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        for name, value in fields.items():
            setattr(unit, name, value)


def checks(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count(Task.id))) or 0


def test_it_starts_by_itself_once_everybody_is_done(database: Database, world: World):
    moment = now()
    with database.writing() as session:
        make_submission(session, world.unit, world.ada)
    assert start_due_checks(database, moment) == []  # no deadline
    set_unit(database, world, deadline_at=moment - DAY, late_until_at=moment + DAY)
    assert start_due_checks(database, moment) == []  # late hand-ins are still taken
    with database.writing() as session:
        session.add(
            Allowance(
                **{"course_unit_id": world.unit.id, "user_id": world.ben.id, "reason": "ill"},
                **{"late_until_at": moment + 3 * DAY, "granted_by_id": world.tara.id},
            )
        )
    assert start_due_checks(database, moment + 2 * DAY) == []  # Ben was granted more
    set_unit(database, world, checks_similarity=False)
    assert start_due_checks(database, moment + 4 * DAY) == []  # not wanted
    set_unit(database, world, checks_similarity=True)
    assert start_due_checks(database, moment + 60 * DAY) == []  # long ago
    assert checks(database) == 0
    assert start_due_checks(database, moment + 4 * DAY) == [world.unit.id]
    assert start_due_checks(database, moment + 4 * DAY) == [world.unit.id]  # it waits: no second one
    assert checks(database) == 1
    with database.writing() as session:
        task = session.scalars(sa.select(Task)).one()
        assert task.requested_by_id is None
        task.state, task.queued_at = TaskState.DONE, moment + 4 * DAY
    assert start_due_checks(database, moment + 5 * DAY) == []
    set_unit(database, world, late_until_at=moment + 6 * DAY)  # opened again
    assert start_due_checks(database, moment + 7 * DAY) == [world.unit.id]
