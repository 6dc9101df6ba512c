"""Memberships are given, changed and ended, never removed; a course keeps its last instructor."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import members
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Enrolment, Role, User
from tests.people import World, enrol, make_person, make_world


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


def of(session: Session, world: World, user: User) -> Enrolment:
    return session.scalars(
        sa.select(Enrolment).where(Enrolment.course_id == world.course.id, Enrolment.user_id == user.id)
    ).one()


def test_members_are_listed_staff_first_then_by_name_and_the_past_last(database: Database, world: World):
    with database.writing() as session:
        enrol(session, world.course, make_person(session, "aaron Able"))
        enrol(session, world.course, make_person(session, "Frida Ott"), Role.TA, ended_at=now())
    with database.reading() as session:
        names = [enrolment.user.name for enrolment in members.members(session, world.course.id)]
    assert names == ["Ines Sol", "Tara Rao", "aaron Able", "Ada Byron", "Ben Okri", "Frida Ott"]


def test_a_role_changes_and_that_is_on_record(database: Database, world: World):
    with database.writing() as session:
        assert members.change_role(session, of(session, world, world.ben), Role.TA, world.ines.id) == ""
    with database.reading() as session:
        assert of(session, world, world.ben).role is Role.TA
        event = session.scalars(sa.select(AuditEvent)).one()
    assert (event.action, event.actor_id, event.concerns_id) == (
        "member.change-role",
        world.ines.id,
        world.ben.id,
    )
    assert event.details == {"role": "ta"}


def test_ending_a_membership_keeps_it_and_restoring_takes_it_up(database: Database, world: World):
    with database.writing() as session:
        assert members.end_membership(session, of(session, world, world.ben), world.ines.id, now()) == ""
    with database.writing() as session:
        ended = of(session, world, world.ben)
        assert ended.ended_at is not None
        members.restore_membership(session, ended, world.ines.id)
    with database.reading() as session:
        assert of(session, world, world.ben).ended_at is None


@pytest.mark.parametrize("act", ["end", "demote"])
def test_the_last_instructor_stays(database: Database, world: World, act: str):
    def attempt() -> str:
        with database.writing() as session:
            ines = of(session, world, world.ines)
            if act == "end":
                return members.end_membership(session, ines, world.abe.id, now())
            return members.change_role(session, ines, Role.TA, world.abe.id)

    assert "last instructor" in attempt()
    with database.writing() as session:
        members.change_role(session, of(session, world, world.tara), Role.INSTRUCTOR, world.abe.id)
    assert attempt() == ""
