"""Links for a new password work once, for two days, for those whom the maker may help."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.accounts import own_account
from grader.accounts.password_links import find_by_password_link, make_password_link, may_be_helped
from grader.db.database import Database
from grader.db.models import Role, User
from tests.people import World, enrol, make_world, password_hash

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
KEY = "a key that is as long as keys are"


@pytest.fixture
def world(database: Database) -> World:
    made = make_world(database)
    with database.writing() as session:
        for person in (made.ada, made.tara, made.abe, made.cora):
            session.get_one(User, person.id).password_hash = password_hash()
        enrol(session, made.course, made.cora)
    return made


@pytest.fixture
def token(database: Database, world: World) -> str:
    with database.writing() as session:
        ada = session.get_one(User, world.ada.id)
        return make_password_link(session, KEY, ada, world.ines.id, world.course.id, AT)


def found(database: Database, token: str, at: datetime = AT, key: str = KEY) -> str | None:
    with database.reading() as session:
        user = find_by_password_link(session, key, token, at)
        return None if user is None else user.name


def test_a_link_is_for_the_one_it_was_made_for(database: Database, token: str):
    assert found(database, token) == "Ada Byron"


def test_a_link_ends_after_two_days(database: Database, token: str):
    assert found(database, token, AT + timedelta(days=2, seconds=-1))
    assert found(database, token, AT + timedelta(days=2)) is None


def test_a_link_works_until_the_password_is_another(database: Database, world: World, token: str):
    with database.writing() as session:
        own_account.set_password(session, world.ada.id, "seven grey geese")
    assert found(database, token) is None


def test_a_link_that_is_changed_or_signed_otherwise_is_worthless(database: Database, token: str):
    assert found(database, token, key="another key that is long as well") is None
    assert found(database, token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert found(database, "x" + token) is None
    assert found(database, "") is None


def test_a_closed_account_is_not_opened(database: Database, world: World, token: str):
    with database.writing() as session:
        session.get_one(User, world.ada.id).is_active = False
    assert found(database, token) is None


@pytest.mark.parametrize(
    ("name", "by_instructor", "by_admin"),
    [
        ("ada", True, True),
        ("tara", False, True),  # staff
        ("abe", False, True),  # an admin
        ("ben", False, False),  # has no password to forget
    ],
)
def test_nobody_gets_more_rights_by_a_link(
    database: Database, world: World, name: str, by_instructor: bool, by_admin: bool
):
    with database.reading() as session:
        user = session.get_one(User, getattr(world, name).id)
        assert may_be_helped(session, user, by_admin=False) == by_instructor
        assert may_be_helped(session, user, by_admin=True) == by_admin


def test_staff_of_any_course_are_helped_by_admins_only(database: Database, world: World):
    with database.writing() as session:
        assert may_be_helped(session, session.get_one(User, world.cora.id), by_admin=False)
        enrol(session, world.other_course, session.get_one(User, world.ada.id), Role.INSTRUCTOR)
        assert not may_be_helped(session, session.get_one(User, world.ada.id), by_admin=False)
