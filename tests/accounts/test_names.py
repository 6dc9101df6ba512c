"""Names are what they look like, wherever they come from."""

import pytest

from grader.accounts import names
from grader.accounts.roster import read_roster
from grader.db.database import Database
from grader.errors import UsageError
from grader.service.people import add_user, invite_person, make_token
from tests.people import PASSWORD, World, make_world

GOOD = ("Ada Byron", "Ò'Neill-Đặng", "X Æ A-12", "علی‌رضا", "山田 太郎", "k", "x" * 120)
BAD = {
    "nothing": "",
    "nothing seen": " \u200d ",
    "a NUL": "Ada\0",
    "an escape": "Ada \x1b[31m",
    "writing turned around": "Ada \u202enoryB",
    "writing isolated": "\u2066Ada",
    "a mark of direction": "Ada\u200f",
    "half a character": "Ada \ud800",
    "too long": "x" * 121,
}


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.mark.parametrize("name", GOOD)
def test_a_name_may_be_in_any_writing(name: str):
    assert names.problem(names.normal(name)) == ""
    assert names.cleaned(name) == names.normal(name)


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_name(what: str):
    assert names.problem(names.normal(BAD[what])) != ""
    assert names.problem(names.cleaned(BAD[what]) or "nobody") == ""


def test_a_name_is_kept_in_one_form():
    assert names.normal("  Zoe\u0308 \t\n Byron ") == "Zoë Byron"


@pytest.mark.parametrize("what", [what for what in BAD if what not in ("nothing", "half a character")])
def test_a_list_with_such_a_name_is_refused(what: str):
    rows = f"email,name\nnora@example.org,Nora\nada@example.org,{BAD[what]}\n".encode()
    roster = read_roster(rows)
    if BAD[what].strip(" \u200d"):
        assert roster.problems


@pytest.mark.parametrize("what", BAD)
def test_the_command_line_takes_no_such_name(database: Database, world: World, what: str):
    bad = BAD[what]
    for act in (
        lambda: add_user(database, "nora@example.org", bad, PASSWORD, is_admin=False),
        lambda: invite_person(database, "nora@example.org", bad, "dl", "student"),
        lambda: make_token(database, "ada@example.org", bad, {"submit"}, None),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match="name"):
            act()
