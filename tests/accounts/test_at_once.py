"""Two ways into one account at the same moment: one of them gets it, the other is told, nothing breaks.

On SQLite writers come one after the other anyway. On PostgreSQL they meet: each test stops the first one in
the middle of its transaction until the second one waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import identities, invitations
from grader.accounts.identities import Claims, IdentityRefused
from grader.accounts.passwords import is_right
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Role, User
from tests.people import World, enrol, make_person, make_world

FIRST, SECOND = "seven grey geese", "eight black swans"
NORA = Claims("https://id.example.org", "u-1900", "nora@example.org", True, "Nora New")


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture(params=["on a list", "not known yet"])
def links(database: Database, world: World, request: pytest.FixtureRequest) -> list[str]:
    """Two links for Nora: to the course, and to another one, by an admin."""
    with database.writing() as session:
        if request.param == "on a list":
            enrol(session, world.course, make_person(session, "Nora New"))
        return [
            invitations.invite(session, course.id, NORA.email, "Nora", Role.STUDENT, world.abe.id, now())
            for course in (world.course, world.other_course)
        ]


def accept(session: Session, token: str, password: str) -> User | None:
    found = invitations.find_invitation(session, token, now(), to_accept=True)
    assert found is not None
    return invitations.accept_as_new(session, found, "Nora New", password, now())


def waits(database: Database) -> bool:
    """Whether somebody waits for a lock at this moment."""
    if database.engine.dialect.name == "sqlite":
        return True  # for the write lock, where nothing can be asked
    with database.reading() as session:
        return bool(
            session.scalar(
                sa.text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
            )
        )


def at_once(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], object]
) -> tuple[object, object]:
    """Do the second while the first has done everything but its commit; return what they did."""
    has_begun = threading.Event()

    def follow() -> object:
        has_begun.wait()
        with database.writing() as session:
            return second(session)

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            done = first(session)
            later = pool.submit(follow)
            has_begun.set()
            while not waits(database):
                if later.done():
                    break
        return done, later.result()


def passwords_of_nora(database: Database) -> list[str]:
    with database.reading() as session:
        (nora,) = session.scalars(sa.select(User).where(User.email == NORA.email))
        return [text for text in (FIRST, SECOND) if is_right(nora.password_hash, text)]


def test_two_links_give_the_account_to_one(database: Database, links: list[str]):
    first, second = at_once(
        database,
        lambda session: accept(session, links[0], FIRST),
        lambda session: accept(session, links[1], SECOND),
    )
    assert isinstance(first, User)
    assert second is None
    assert passwords_of_nora(database) == [FIRST]


def test_a_link_and_a_sign_in_give_the_account_to_one(database: Database, links: list[str]):
    first, second = at_once(
        database,
        lambda session: identities.sign_in_by_identity(session, NORA),
        lambda session: accept(session, links[0], SECOND),
    )
    assert isinstance(first, User)
    assert second is None
    assert passwords_of_nora(database) == []


def test_a_sign_in_after_a_link_shares_no_account(database: Database, links: list[str]):
    first, second = at_once(
        database,
        lambda session: accept(session, links[0], FIRST),
        lambda session: identities.sign_in_by_identity(session, NORA),
    )
    assert isinstance(first, User)
    assert isinstance(second, IdentityRefused)


def test_a_person_who_signs_in_twice_at_once_is_one(database: Database, links: list[str]):
    first, second = at_once(
        database,
        lambda session: identities.sign_in_by_identity(session, NORA),
        lambda session: identities.sign_in_by_identity(session, NORA),
    )
    assert isinstance(first, User)
    assert isinstance(second, User)
    assert first.id == second.id


def test_one_identity_is_not_connected_with_two_accounts(database: Database, world: World):
    first, second = at_once(
        database,
        lambda session: identities.connect_identity(session, world.ada.id, NORA),
        lambda session: identities.connect_identity(session, world.ben.id, NORA),
    )
    assert isinstance(first, User)
    assert isinstance(second, IdentityRefused)
