"""Invitations make members, once and in time; they give nobody someone else's account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from grader.accounts import invitations
from grader.accounts.invitations import Way
from grader.accounts.passwords import is_right
from grader.db.database import Database
from grader.db.models import Enrolment, Invitation, Role, User
from tests.people import World, enrol, make_person, make_world, password_hash

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
PASSWORD = "seven grey geese"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


def invite(database: Database, world: World, email: str, role: Role = Role.STUDENT) -> str:
    with database.writing() as session:
        return invitations.invite(session, world.course.id, email, "Nora New", role, world.ines.id, AT)


def accept_new(database: Database, token: str, at: datetime = AT) -> User | None:
    with database.writing() as session:
        found = invitations.find_invitation(session, token, at)
        return invitations.accept_as_new(session, found, "Nora N.", PASSWORD, at) if found else None


def accept_as(database: Database, token: str, user: User) -> bool:
    with database.writing() as session:
        found = invitations.find_invitation(session, token, AT)
        return found is not None and invitations.accept_as(session, found, user, AT)


def role_of(database: Database, world: World, user: User) -> Role | None:
    with database.reading() as session:
        return session.scalar(
            sa.select(Enrolment.role).where(
                Enrolment.course_id == world.course.id,
                Enrolment.user_id == user.id,
                Enrolment.ended_at.is_(None),
            )
        )


def way(database: Database, token: str) -> Way:
    with database.reading() as session:
        found = invitations.find_invitation(session, token, AT)
        assert found is not None
        return invitations.way_of(session, found)


def test_a_link_makes_an_account_and_a_member(database: Database, world: World):
    user = accept_new(database, invite(database, world, "Nora@Example.org", Role.TA))
    assert user is not None
    assert (user.email, user.name) == ("nora@example.org", "Nora N.")
    assert is_right(user.password_hash, PASSWORD)
    assert role_of(database, world, user) is Role.TA


def test_a_link_works_once(database: Database, world: World):
    token = invite(database, world, "nora@example.org")
    assert accept_new(database, token)
    assert accept_new(database, token) is None


def test_a_link_works_for_two_weeks(database: Database, world: World):
    token = invite(database, world, "nora@example.org")
    assert accept_new(database, token, AT + timedelta(days=14)) is None
    assert accept_new(database, token, AT + timedelta(days=14, seconds=-1))


def test_a_new_link_replaces_the_earlier_one(database: Database, world: World):
    first, second = (invite(database, world, "nora@example.org") for _ in range(2))
    assert accept_new(database, first) is None
    assert accept_new(database, second)


def test_only_a_hash_of_the_link_is_stored(database: Database, world: World):
    token = invite(database, world, "nora@example.org")
    with database.reading() as session:
        stored = session.scalars(sa.select(Invitation)).one()
        assert token not in {str(value) for value in vars(stored).values()}


def test_someone_of_the_courses_list_claims_their_account(database: Database, world: World):
    token = invite(database, world, "ada@example.org")
    assert way(database, token) is Way.NEW_ACCOUNT
    user = accept_new(database, token)
    assert user is not None
    assert user.id == world.ada.id
    assert role_of(database, world, user) is Role.STUDENT


@pytest.mark.parametrize(
    "claim",
    [
        {"password_hash": "set"},
        {"oidc_issuer": "https://id.example.org", "oidc_subject": "1"},
        {"is_admin": True},
        {"is_active": False},
    ],
    ids=["has a password", "has an identity", "is an admin", "is closed"],
)
def test_a_link_gives_nobody_an_account_that_is_someones(
    database: Database, world: World, claim: dict[str, object]
):
    with database.writing() as session:
        make_person(session, "Nora New", **claim)
    token = invite(database, world, "nora@example.org")
    assert way(database, token) is Way.SIGN_IN
    assert accept_new(database, token) is None


@pytest.mark.parametrize("role", list(Role))
def test_a_link_gives_nobody_an_account_of_another_courses_list(database: Database, world: World, role: Role):
    with database.writing() as session:
        enrol(session, world.other_course, make_person(session, "Nora New"), role)
    token = invite(database, world, "nora@example.org")
    assert way(database, token) is Way.SIGN_IN
    assert accept_new(database, token) is None


@pytest.mark.parametrize("maker", ["abe", None], ids=["an admin", "the command line"])
def test_who_decides_everywhere_makes_the_first_link_for_who_is_on_two_lists(
    database: Database, world: World, maker: str | None
):
    with database.writing() as session:
        enrol(session, world.other_course, make_person(session, "Nora New"))
        maker_id = None if maker is None else getattr(world, maker).id
        token = invitations.invite(
            session, world.course.id, "nora@example.org", "", Role.STUDENT, maker_id, AT
        )
    assert way(database, token) is Way.NEW_ACCOUNT
    assert accept_new(database, token)


def test_who_has_an_account_joins_with_it(database: Database, world: World):
    token = invite(database, world, "olaf@example.org", Role.TA)
    assert accept_as(database, token, world.olaf)
    assert role_of(database, world, world.olaf) is Role.TA
    assert not accept_as(database, token, world.olaf)


def test_a_link_for_an_address_without_account_is_good_for_whoever_is_signed_in(
    database: Database, world: World
):
    assert accept_as(database, invite(database, world, "olaf.b@example.org"), world.olaf)


def test_a_link_for_someone_elses_account_is_not(database: Database, world: World):
    token = invite(database, world, "cora@example.org")
    assert not accept_as(database, token, world.olaf)
    assert role_of(database, world, world.olaf) is None
    assert accept_as(database, token, world.cora)


@pytest.mark.parametrize(
    ("invited_as", "before", "after"),
    [
        (Role.STUDENT, Role.TA, Role.TA),
        (Role.INSTRUCTOR, Role.TA, Role.INSTRUCTOR),
        (Role.TA, Role.TA, Role.TA),
    ],
)
def test_a_member_never_loses_rights_by_a_link(
    database: Database, world: World, invited_as: Role, before: Role, after: Role
):
    with database.writing() as session:
        enrol(session, world.course, world.olaf, before)
    accept_as(database, invite(database, world, "olaf@example.org", invited_as), world.olaf)
    assert role_of(database, world, world.olaf) is after


def test_who_had_left_joins_anew_in_the_role_of_the_link(database: Database, world: World):
    with database.writing() as session:
        enrol(session, world.course, world.olaf, Role.INSTRUCTOR, ended_at=AT)
    accept_as(database, invite(database, world, "olaf@example.org"), world.olaf)
    assert role_of(database, world, world.olaf) is Role.STUDENT


def test_open_links_are_those_neither_used_nor_expired(database: Database, world: World):
    invite(database, world, "nora@example.org")
    accept_new(database, invite(database, world, "nils@example.org"))
    with database.reading() as session:
        open_now = invitations.open_invitations(session, world.course.id, AT)
        later = invitations.open_invitations(session, world.course.id, AT + timedelta(days=15))
    assert [invitation.email for invitation in open_now] == ["nora@example.org"]
    assert later == []


def test_the_hash_of_a_password_is_stored_not_the_password(database: Database, world: World):
    assert accept_new(database, invite(database, world, "nora@example.org"))
    assert password_hash() != PASSWORD
    with database.reading() as session:
        stored = session.scalars(sa.select(User.password_hash).where(User.email == "nora@example.org")).one()
    assert stored is not None
    assert stored.startswith("$argon2id$")
