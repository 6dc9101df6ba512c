"""`grader user`: accounts, passwords, invitations and tokens from the command line."""

import re

import pytest
import sqlalchemy as sa

from grader.accounts import tokens
from grader.accounts.passwords import is_right
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Invitation, Role, User
from tests.command import assert_usage_error
from tests.people import World
from tests.service.conftest import Command

PASSWORD = "three oak leaves in November"


def user_of(database: Database, email: str) -> User | None:
    with database.reading() as session:
        return session.scalar(sa.select(User).where(User.email == email))


class TestAdd:
    def test_the_first_admin_can_sign_in(self, command: Command, database: Database):
        result = command(
            "user",
            "add",
            " Abe@Example.org",
            "--name",
            "Abe",
            "--admin",
            "--password-stdin",
            stdin=f"{PASSWORD}\n",
        )
        assert (result.exit_code, result.stdout) == (0, "abe@example.org can sign in now, as an admin.\n")
        user = user_of(database, "abe@example.org")
        assert user and user.is_admin and is_right(user.password_hash, PASSWORD)
        with database.reading() as session:
            assert "account.add" in session.scalars(sa.select(AuditEvent.action)).all()

    def test_nobody_is_an_admin_by_chance(self, command: Command, database: Database):
        command("user", "add", "a@example.org", "--name", "A", "--password-stdin", stdin=PASSWORD)
        user = user_of(database, "a@example.org")
        assert user and not user.is_admin

    @pytest.mark.parametrize(
        ("email", "name", "password", "said"),
        [
            ("abe", "Abe", PASSWORD, "no e-mail address"),
            ("abe@example.org", " ", PASSWORD, "name"),
            ("abe@example.org", "A\x1b[2Jbe", PASSWORD, "name"),
            ("abe@example.org", "Abe", "short", "12 characters"),
            ("abe@example.org", "Abe", "", "12 characters"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, command: Command, database: Database, email: str, name: str, password: str, said: str
    ):
        result = command("user", "add", email, "--name", name, "--password-stdin", stdin=password)
        assert_usage_error(result, said)
        assert user_of(database, "abe@example.org") is None

    def test_an_account_that_is_there_is_left_alone(self, command: Command, world: World, database: Database):
        result = command(
            "user", "add", "ADA@example.org", "--name", "X", "--admin", "--password-stdin", stdin=PASSWORD
        )
        assert_usage_error(result, "has an account already")
        user = user_of(database, "ada@example.org")
        assert user and user.name == "Ada Byron" and not user.is_admin

    def test_without_a_terminal_the_way_is_told(self, command: Command):
        assert_usage_error(command("user", "add", "a@example.org", "--name", "A"), "--password-stdin")


class TestPassword:
    def test_a_new_one_ends_all_sessions(self, command: Command, world: World, database: Database):
        assert (
            command("user", "password", "ada@example.org", "--password-stdin", stdin=PASSWORD).exit_code == 0
        )
        user = user_of(database, "ada@example.org")
        assert user and is_right(user.password_hash, PASSWORD)
        assert user.session_version > world.ada.session_version

    def test_nobody_is_nobody(self, command: Command):
        result = command("user", "password", "who@example.org", "--password-stdin", stdin=PASSWORD)
        assert_usage_error(result, "who@example.org")


class TestInvite:
    def test_a_link_is_printed_and_only_its_hash_is_kept(
        self, command: Command, world: World, database: Database
    ):
        result = command(
            *("user", "invite", "new@example.org", "--name", "New"), "--course", "dl", "--role", "ta",
            public_url="https://grader.example.org/",
        )  # fmt: skip
        link = re.fullmatch(r"https://grader\.example\.org/invitation/([\w-]{40,})\n", result.stdout)
        assert link
        with database.reading() as session:
            invitation = session.scalars(sa.select(Invitation)).one()
        assert (invitation.email, invitation.role) == ("new@example.org", Role.TA)
        assert link[1] not in invitation.token_hash

    def test_a_course_must_be_there(self, command: Command, world: World):
        result = command("user", "invite", "n@example.org", "--name", "N", "--course", "none")
        assert_usage_error(result, "no course 'none'")


class TestToken:
    def test_it_is_printed_alone_and_works(self, command: Command, world: World, database: Database):
        result = command("user", "token", "ines@example.org", "--scopes", "submit, staff", "--days", "7")
        with database.reading() as session:
            token = tokens.find_token(session, result.stdout.strip(), now())
        assert token and token.user.email == "ines@example.org"
        assert set(token.scopes.split()) == {"submit", "staff"}
        assert 6 <= (token.expires_at - now()).days <= 7

    @pytest.mark.parametrize("scopes", ["staff", "everything", ""])
    def test_a_student_gets_no_more_than_a_student_may(self, command: Command, world: World, scopes: str):
        assert_usage_error(command("user", "token", "ada@example.org", "--scopes", scopes), "submit")
