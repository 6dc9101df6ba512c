"""API tokens: found by their text only, while they are good."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from grader.accounts import tokens
from grader.db.database import Database
from grader.db.models import ApiToken, Scope, User
from tests.people import World, make_world

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def text(database: Database, world: World) -> str:
    with database.writing() as session:
        _, text = tokens.create_token(session, world.ada.id, "laptop", [Scope.SUBMIT], timedelta(days=30), AT)
    return text


def owner(database: Database, text: str, at: datetime = AT) -> str | None:
    with database.reading() as session:
        token = tokens.find_token(session, text, at)
        return None if token is None else token.user.name


def test_a_token_is_its_owners(database: Database, text: str):
    assert owner(database, text) == "Ada Byron"


def test_a_token_looks_like_one(text: str):
    assert text.startswith("gr_")
    assert len(text) == 43
    assert text[3:].isalnum()


def test_any_other_text_is_nobodys(database: Database, text: str):
    swapped = text[:3] + text[3:].swapcase()
    for other in ("", "gr_", swapped, text[:-1], text + "x", text[3:], f" {text}", text.upper()):
        assert owner(database, other) is None


def test_only_a_hash_is_stored(database: Database, text: str):
    with database.reading() as session:
        stored = session.scalars(sa.select(ApiToken)).one()
        assert text not in {str(value) for value in vars(stored).values()}
        assert stored.prefix == text[:8]


def test_a_token_expires(database: Database, text: str):
    assert owner(database, text, AT + timedelta(days=30, seconds=-1))
    assert owner(database, text, AT + timedelta(days=30)) is None


def test_a_revoked_token_is_worthless(database: Database, world: World, text: str):
    with database.writing() as session:
        (token,) = tokens.tokens_of(session, world.ada.id)
        assert not tokens.revoke_token(session, world.ben.id, token.id, AT)
        assert tokens.revoke_token(session, world.ada.id, token.id, AT)
        assert not tokens.revoke_token(session, world.ada.id, token.id, AT)
        assert tokens.tokens_of(session, world.ada.id) == []
    assert owner(database, text) is None


def test_the_token_of_a_closed_account_is_worthless(database: Database, world: World, text: str):
    with database.writing() as session:
        session.get_one(User, world.ada.id).is_active = False
    assert owner(database, text) is None


def test_use_is_noted_now_and_then(database: Database, text: str):
    def use(at: datetime) -> datetime | None:
        with database.reading() as session:
            token = tokens.find_token(session, text, at)
        assert token is not None
        tokens.note_use(database, token, at)
        with database.reading() as session:
            return session.scalars(sa.select(ApiToken.last_used_at)).one()

    assert use(AT) == AT
    assert use(AT + timedelta(minutes=9)) == AT
    assert use(AT + timedelta(minutes=11)) == AT + timedelta(minutes=11)


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("ada", [Scope.SUBMIT]),
        ("olaf", [Scope.SUBMIT]),
        ("tara", [Scope.SUBMIT, Scope.STAFF]),
        ("abe", [Scope.SUBMIT, Scope.STAFF]),
    ],
)
def test_only_staff_make_tokens_for_staff(database: Database, world: World, name: str, scopes: list[Scope]):
    with database.reading() as session:
        assert tokens.scopes_for(session, getattr(world, name)) == scopes
