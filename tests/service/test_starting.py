"""Starting on a database: SQLite is made fit, PostgreSQL must be, and a newer grader's is left alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db import migration
from grader.db.database import Database, open_database
from grader.errors import GraderError
from grader.service.starting import fit_database, has_users, upgrade_database
from grader.settings import Settings
from tests.databases import KINDS
from tests.people import World
from tests.postgresql import PostgresServer

FitOf = Callable[[str], Database]


@pytest.fixture
def fit(tmp_path: Path) -> Iterator[FitOf]:
    opened: list[Database] = []

    def fit_one(url: str) -> Database:
        opened.append(fit_database(Settings(data_dir=tmp_path, database_url=url)))
        return opened[-1]

    yield fit_one
    for database in opened:
        database.close()


class TestSqlite:
    def test_no_database_becomes_a_current_one(self, fit: FitOf, tmp_path: Path):
        database = fit(f"sqlite:///{tmp_path}/new/grader.sqlite")
        assert migration.is_current(database)
        assert "workflow_status" in sa.inspect(database.engine).get_table_names()
        assert not has_users(database)

    def test_an_older_one_is_brought_up_to_date(self, fit: FitOf, database: Database, url: str):
        migration.downgrade(database, "base")
        assert migration.is_current(fit(url))

    def test_a_current_one_keeps_all_that_it_holds(self, fit: FitOf, world: World, url: str):
        assert has_users(fit(url))


@pytest.fixture(params=KINDS)
def newer_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/newer.sqlite"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        server.execute("CREATE DATABASE newer")
        url = server.url("newer")
    database = open_database(url)
    upgrade_database(replace(Settings(), database_url=url), database)
    with database.writing() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    return url


def test_a_newer_graders_database_is_left_alone(fit: FitOf, newer_url: str):
    with pytest.raises(GraderError, match=r"schema 9999.*newer grader"):
        fit(newer_url)


class TestPostgresql:
    def test_an_empty_one_is_refused_with_the_fix(self, fit: FitOf, postgresql: PostgresServer):
        postgresql.execute("CREATE DATABASE unprepared")
        with pytest.raises(GraderError, match=r"no tables yet.*\n.*`grader db upgrade`"):
            fit(postgresql.url("unprepared"))

    def test_a_current_one_is_taken(self, fit: FitOf, postgresql: PostgresServer):
        postgresql.execute("CREATE DATABASE prepared")
        url = postgresql.url("prepared")
        database = open_database(url)
        upgrade_database(replace(Settings(), database_url=url), database)
        database.close()
        assert migration.is_current(fit(url))

    def test_one_without_the_job_engines_newest_tables_is_refused_with_the_fix(
        self, fit: FitOf, postgresql: PostgresServer
    ):
        postgresql.execute("CREATE DATABASE half_prepared")
        url = postgresql.url("half_prepared")
        database = open_database(url)
        migration.upgrade(database)
        database.close()
        with pytest.raises(GraderError, match=r"job engine's tables.*\n.*`grader db upgrade`"):
            fit(url)
