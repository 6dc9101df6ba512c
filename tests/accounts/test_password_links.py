"""Links for a new password work once, for two days, for those whom the maker may help."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.accounts import own_account
from grader.accounts.members import membership
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
        for person in (made.ada, made.tara, made.abe, made.cora, made.olaf):
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
    text, _, signature = token.rpartition(".")
    assert found(database, f"{text}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}") is None
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
        assert may_be_helped(session, user, world.ines, world.course.id) == by_instructor
        assert may_be_helped(session, user, world.abe, world.course.id) == by_admin


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("ended_at", [None, AT], ids=["now", "once"])
def test_who_is_in_another_course_too_is_helped_by_admins_only(
    database: Database, world: World, role: Role, ended_at: datetime | None
):
    """Else an instructor could put anyone on their list, and get at what they are elsewhere."""
    with database.writing() as session:
        ada = session.get_one(User, world.ada.id)
        enrol(session, world.other_course, ada, role, ended_at=ended_at)
        assert not may_be_helped(session, ada, world.ines, world.course.id)
        assert may_be_helped(session, ada, world.abe, world.course.id)


def test_who_is_not_in_the_course_is_not_helped_there(database: Database, world: World):
    with database.reading() as session:
        assert not may_be_helped(session, session.get_one(User, world.olaf.id), world.ines, world.course.id)


def change(database: Database, world: World, what: str) -> None:
    with database.writing() as session:
        member = {user: membership(session, world.course.id, user.id) for user in (world.ada, world.ines)}
        if what == "the maker has left":
            member[world.ines].ended_at = AT
        elif what == "the maker is a TA now":
            member[world.ines].role = Role.TA
        elif what == "the maker's account is closed":
            session.get_one(User, world.ines.id).is_active = False
        elif what == "the student has left":
            member[world.ada].ended_at = AT
        elif what == "the student is staff now":
            member[world.ada].role = Role.TA
        elif what == "the student is an admin now":
            session.get_one(User, world.ada.id).is_admin = True
        else:
            enrol(session, world.other_course, session.get_one(User, world.ada.id))


@pytest.mark.parametrize(
    "what",
    [
        "the maker has left",
        "the maker is a TA now",
        "the maker's account is closed",
        "the student has left",
        "the student is staff now",
        "the student is an admin now",
        "the student is in another course",
    ],
)
def test_a_link_works_only_while_its_maker_might_still_make_it(
    database: Database, world: World, token: str, what: str
):
    change(database, world, what)
    assert found(database, token) is None


def test_an_admins_link_works_whatever_becomes_of_memberships(database: Database, world: World):
    with database.writing() as session:
        ada = session.get_one(User, world.ada.id)
        token = make_password_link(session, KEY, ada, world.abe.id, world.course.id, AT)
    for what in ("the student has left", "the student is in another course"):
        change(database, world, what)
    assert found(database, token) == "Ada Byron"
