"""Signing in: one answer whatever was wrong; guessing is slowed down where it happens, and only there."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import argon2
import pytest
import sqlalchemy as sa

from grader.accounts import passwords, throttle
from grader.accounts.sign_in import Device, SignInRefused, sign_in
from grader.db.database import Database
from grader.db.models import SignInAttempt, User
from tests.people import PASSWORD, make_person, password_hash

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOME, CAFE = "192.0.2.7", "198.51.100.23"


@pytest.fixture
def ada(database: Database) -> User:
    with database.writing() as session:
        make_person(session, "Olaf Berg", password_hash=None)
        make_person(session, "Ben Okri", password_hash=password_hash(), is_active=False)
        return make_person(session, "Ada Byron", password_hash=password_hash())


def guess(
    database: Database, times: int, at: datetime = AT, address: str = CAFE, **other: object
) -> list[int]:
    """Guess wrongly so often at one moment; return what each answer says to wait."""
    answers = [sign_in(database, "ada@example.org", "wrong", address, at=at) for _ in range(times)]
    return [answer.wait_s for answer in answers if isinstance(answer, SignInRefused)]


def is_in(answer: User | SignInRefused) -> bool:
    return isinstance(answer, User)


def test_address_and_password_sign_in(database: Database, ada: User):
    found = sign_in(database, " Ada@Example.ORG ", PASSWORD, HOME)
    assert isinstance(found, User)
    assert found.id == ada.id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("olaf@example.org", ""),  # has no password
        ("ben@example.org", PASSWORD),  # his account is closed
        ("", ""),
    ],
)
def test_everything_else_gets_the_same_answer(database: Database, ada: User, email: str, password: str):
    assert sign_in(database, email, password, HOME) == SignInRefused()


def test_a_password_hashed_at_an_older_cost_is_hashed_anew(database: Database, ada: User):
    old = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(PASSWORD)
    with database.writing() as session:
        session.get_one(User, ada.id).password_hash = old
    assert is_in(sign_in(database, "ada@example.org", PASSWORD, HOME))
    with database.reading() as session:
        stored = session.get_one(User, ada.id).password_hash
    assert stored is not None
    assert not passwords.is_outdated(stored)
    assert passwords.is_right(stored, PASSWORD)


def test_after_some_failures_the_same_place_waits_longer_and_longer(database: Database, ada: User):
    assert guess(database, 6) == [0, 0, 0, 0, 0, 2]
    assert guess(database, 2, AT + timedelta(seconds=2)) == [0, 4]
    assert guess(database, 2, AT + timedelta(seconds=6)) == [0, 8]


def test_while_waiting_even_the_right_password_is_not_looked_at(database: Database, ada: User):
    guess(database, 5)
    assert sign_in(database, "ada@example.org", PASSWORD, CAFE, at=AT) == SignInRefused(2)
    assert is_in(sign_in(database, "ada@example.org", PASSWORD, CAFE, at=AT + timedelta(seconds=2)))


def test_the_wait_has_an_upper_end(database: Database, ada: User):
    at = AT
    for _ in range(40):
        (wait_s,) = guess(database, 1, at)
        at += timedelta(seconds=wait_s)
    assert 0 < wait_s <= 15 * 60


def test_guessing_elsewhere_does_not_lock_anyone_out(database: Database, ada: User):
    for number in range(20):
        guess(database, 5, address=f"203.0.113.{number}")
    assert is_in(sign_in(database, "ada@example.org", PASSWORD, HOME, at=AT))


def test_her_own_device_signs_in_from_the_very_place_of_the_guessing(database: Database, ada: User):
    guess(database, 20)
    laptop = Device(ada.id, "laptop")
    assert is_in(sign_in(database, "ada@example.org", PASSWORD, CAFE, laptop, AT))


def test_a_device_of_someone_else_is_no_way_around(database: Database, ada: User):
    guess(database, 5)
    stolen = Device(ada.id + 1, "laptop")
    assert sign_in(database, "ada@example.org", PASSWORD, CAFE, stolen, AT) == SignInRefused(2)


def test_guessing_on_a_known_device_is_slowed_down_too(database: Database, ada: User):
    laptop = Device(ada.id, "laptop")
    answers = [sign_in(database, "ada@example.org", "wrong", HOME, laptop, AT) for _ in range(6)]
    assert answers[-1] == SignInRefused(2)


def test_trying_many_accounts_from_one_place_is_slowed_down(database: Database, ada: User):
    for number in range(60):
        sign_in(database, f"student{number}@example.org", "Password123!", CAFE, at=AT)
    assert sign_in(database, "student61@example.org", "Password123!", CAFE, at=AT) == SignInRefused(2)
    assert is_in(sign_in(database, "ada@example.org", PASSWORD, HOME, at=AT))


def test_signing_in_forgets_the_failures_of_that_account_there_only(database: Database, ada: User):
    guess(database, 3)
    sign_in(database, "nobody@example.org", "wrong", CAFE, at=AT)
    sign_in(database, "ada@example.org", PASSWORD, CAFE, at=AT)
    with database.reading() as session:
        assert session.scalars(sa.select(SignInAttempt.email)).all() == ["nobody@example.org"]


def test_failures_are_forgotten_after_a_day(database: Database, ada: User):
    guess(database, 5)
    guess(database, 1, AT + timedelta(days=1, seconds=1))
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(SignInAttempt.id))) == 1


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_of_one_customer_is_one_place(address: str, place: str):
    assert throttle.place_of(address) == place


def test_many_guesses_at_once_count_as_many(database: Database, ada: User):
    ready = threading.Barrier(12)

    def one_guess() -> int:
        ready.wait()
        return guess(database, 1)[0]

    with ThreadPoolExecutor(12) as pool:
        waits = [future.result() for future in [pool.submit(one_guess) for _ in range(12)]]
    assert waits.count(0) == 5
