"""`grader db`: makes and moves the schema, says where it is, never deletes unasked."""

from pathlib import Path

import pytest

from grader.db import migration
from tests.command import EXIT_USAGE, grader
from tests.service.conftest import Command

NEWEST = str(migration.newest_revision())


def on(folder: Path) -> dict[str, str]:
    return {"GRADER_DATA_DIR": str(folder), "GRADER_DATABASE_URL": ""}


def test_an_empty_database_is_made_current(tmp_path: Path):
    env = on(tmp_path / "new")
    assert grader("db", "current", env=env).exit_code == 1
    assert grader("db", "upgrade", env=env).stdout == f"upgraded: empty → {NEWEST}\n"
    current = grader("db", "current", env=env)
    assert (current.exit_code, current.stdout) == (0, f"{NEWEST} (current)\n")
    assert grader("db", "upgrade", env=env).stdout == f"up to date: {NEWEST}\n"


def test_the_file_is_for_its_owner_only(tmp_path: Path):
    grader("db", "upgrade", env=on(tmp_path))
    assert (tmp_path / "grader.sqlite").stat().st_mode & 0o077 == 0


def test_a_downgrade_asks_first(command: Command):
    refused = command("db", "downgrade", "base", stdin="n\n")
    assert refused.exit_code == 1
    assert command("db", "current").exit_code == 0


def test_a_downgrade_and_back(command: Command):
    assert command("db", "downgrade", "base", "--yes").stdout == f"downgraded: {NEWEST} → empty\n"
    assert command("db", "current").stdout == f"empty (expected: {NEWEST})\n"
    assert command("db", "upgrade").stdout == f"upgraded: empty → {NEWEST}\n"


def test_a_revision_that_is_none_is_a_usage_error(command: Command):
    result = command("db", "downgrade", "9999", "--yes")
    assert result.exit_code == EXIT_USAGE
    assert "9999" in result.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "expected sqlite:///FILE"),
        ("sqlite://", "expected sqlite:///FILE"),
        ("sqlite:////proc/nowhere/grader.sqlite", "can't be made"),
        ("mysql://somebody:s3cr3t@host/db", "expected sqlite:///FILE"),
        ("postgresql+psycopg://somebody:s3cr3t@127.0.0.1:1/grader", "does not answer"),
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_password(command: Command, url: str, said: str):
    result = command("db", "current", database_url=url)
    assert result.exit_code == 4
    assert said in result.stderr
    assert "s3cr3t" not in result.stderr
