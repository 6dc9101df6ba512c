"""The job engine is opened as the rest of the database is, and its tables are checked, not changed."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db.database import NETWORK_TIMEOUTS, Database
from grader.errors import GraderError
from grader.jobs.engine import check_job_tables, configuration, open_client, prepare_job_tables
from tests.jobs.workers import start_worker


def tables(database: Database) -> set[str]:
    inspector = sa.inspect(database.engine)
    names = (inspector.get_table_names(schema) for schema in inspector.get_schema_names())
    return {name for some in names for name in some}


def test_missing_tables_are_told_and_not_made(database: Database, url: str):
    before = tables(database)
    with pytest.raises(GraderError, match=r"missing or older.*\n.*`grader db upgrade`"):
        check_job_tables(url)
    assert tables(database) == before
    prepare_job_tables(url)
    check_job_tables(url)


def test_a_worker_does_not_make_them(database: Database, url: str, tmp_path: Path):
    before = tables(database)
    with pytest.raises(AssertionError, match="ended with code 1"):
        start_worker(url, 1, GRADER_DATA_DIR=str(tmp_path))
    assert tables(database) == before


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_its_connections_have_network_timeouts(database: Database, url: str):
    client = open_client(url)
    with client._sys_db.engine.connect() as connection:
        found = connection.connection.driver_connection.info.get_parameters()
    client.destroy()
    assert found.items() >= NETWORK_TIMEOUTS.items()
    workers = sa.make_url(configuration(url, "worker")["system_database_url"] or "")
    assert workers.query == NETWORK_TIMEOUTS
