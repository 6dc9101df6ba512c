"""Unused invitations end with the rights of whom they are for, and of who made them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import members
from grader.accounts.invitations import find_invitation, invite
from grader.accounts.roster import read_roster
from grader.accounts.roster_import import apply_import, plan_import
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Enrolment, Invitation, Role, User
from tests.people import World, enrol, make_world


@pytest.fixture
def world(database: Database) -> World:
    """Besides Ines, Tara is an instructor too, so that either can go."""
    made = make_world(database)
    with database.writing() as session:
        of(session, made, made.tara).role = Role.INSTRUCTOR
    return made


def of(session: Session, world: World, user: User) -> Enrolment:
    found = members.membership(session, world.course.id, user.id)
    assert found is not None
    return found


def link(database: Database, world: World, email: str, role: Role, maker: User, course=None) -> str:
    with database.writing() as session:
        return invite(session, (course or world.course).id, email, "", role, maker.id, now())


def works(database: Database, token: str) -> bool:
    with database.reading() as session:
        return find_invitation(session, token, now()) is not None


def end(session: Session, enrolment: Enrolment, world: World) -> None:
    assert members.end_membership(session, enrolment, world.ines.id, now()) == ""


def lower(session: Session, enrolment: Enrolment, world: World) -> None:
    assert members.change_role(session, enrolment, Role.STUDENT, world.ines.id) == ""


def import_as_student(session: Session, enrolment: Enrolment, world: World) -> None:
    bring_in(session, world, f"email,role\n{enrolment.user.email},student\n")


def bring_in(session: Session, world: World, text: str) -> None:
    rows = read_roster(text.encode()).rows
    plan = plan_import(session, world.course.id, rows, world.ines.id)
    assert apply_import(session, world.course.id, rows, world.ines.id, plan.digest)[1]


@pytest.mark.parametrize("act", [end, lower, import_as_student])
def test_links_for_someone_whose_rights_go_down_end(
    database: Database, world: World, act: Callable[[Session, Enrolment, World], None]
):
    with database.writing() as session:
        enrol(session, world.other_course, world.ines, Role.INSTRUCTOR)
    back, elsewhere = (
        link(database, world, "tara@example.org", Role.INSTRUCTOR, world.ines, course)
        for course in (world.course, world.other_course)
    )
    with database.writing() as session:
        act(session, of(session, world, world.tara), world)
    assert not works(database, back)
    assert works(database, elsewhere)


@pytest.mark.parametrize("act", [end, lower, import_as_student])
def test_links_that_a_former_instructor_made_end(
    database: Database, world: World, act: Callable[[Session, Enrolment, World], None]
):
    """They know them, and could come back as someone else."""
    hers = link(database, world, "second.tara@example.org", Role.INSTRUCTOR, world.tara)
    others = link(database, world, "nora@example.org", Role.STUDENT, world.ines)
    with database.writing() as session:
        act(session, of(session, world, world.tara), world)
    assert not works(database, hers)
    assert works(database, others)
    with database.reading() as session:
        event = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "member.withdraw-links")
        ).one()
        assert (event.actor_id, event.details) == (world.ines.id, {"for": ["second.tara@example.org"]})


def test_a_higher_role_and_the_same_again_end_nothing(database: Database, world: World):
    token = link(database, world, "ben@example.org", Role.TA, world.ines)
    with database.writing() as session:
        members.change_role(session, of(session, world, world.ben), Role.STUDENT, world.ines.id)
        members.change_role(session, of(session, world, world.ben), Role.INSTRUCTOR, world.ines.id)
    assert works(database, token)


@pytest.mark.parametrize(("role", "is_kept"), [("student", False), ("ta", True), ("", True)])
def test_a_list_ends_links_to_a_higher_role_than_it_gives(
    database: Database, world: World, role: str, is_kept: bool
):
    token = link(database, world, "nora@example.org", Role.TA, world.ines)
    with database.writing() as session:
        bring_in(session, world, f"email,name,role\nnora@example.org,Nora New,{role}\n")
    assert works(database, token) == is_kept


def test_used_links_stay_on_record(database: Database, world: World):
    token = link(database, world, "tara@example.org", Role.TA, world.ines)
    with database.writing() as session:
        found = find_invitation(session, token, now())
        assert found is not None
        found.used_at = now()
        end(session, of(session, world, world.tara), world)
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 1


def test_who_left_another_course_keeps_the_links_to_this_one(database: Database, world: World):
    token = link(database, world, "cora@example.org", Role.STUDENT, world.ines)
    with database.writing() as session:
        enrol(session, world.other_course, world.ines, Role.INSTRUCTOR)
        cora = members.membership(session, world.other_course.id, world.cora.id)
        assert cora is not None
        end(session, cora, world)
    assert works(database, token)


@pytest.mark.parametrize("act", [end, lower])
def test_a_link_that_was_made_at_that_very_moment_is_worthless(
    database: Database, world: World, act: Callable[[Session, Enrolment, World], None]
):
    """It is written after the others were withdrawn."""
    with database.writing() as session:
        act(session, of(session, world, world.tara), world)
    token = link(database, world, "second.tara@example.org", Role.INSTRUCTOR, world.tara)
    assert not works(database, token)
    with database.writing() as session:
        assert find_invitation(session, token, now(), to_accept=True) is None
