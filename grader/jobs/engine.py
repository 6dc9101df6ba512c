"""What is settled about DBOS, the library that keeps jobs: names, tables, and how it is opened.

What it stores is JSON. DBOS reads a row that says that it is a pickle as one, whatever its settings, and
reading a pickle can run anything. So that reading is taken out of it here, before anything uses it.
"""

from __future__ import annotations

import logging
from typing import NoReturn

from dbos import DBOS, DBOSClient, DBOSConfig, SQLAlchemyDatasource
from dbos._datasource_migration import verify_datasource_migrations
from dbos._error import DBOSInitializationError
from dbos._serialization import DBOSPortableJSON, DefaultSerializer
from sqlalchemy import Engine

from grader.db.database import with_network_timeouts
from grader.errors import GraderError

APPLICATION = "grader"
# What a job says (a run and a try) means the same to every version of this program, so any worker may
# take any job. Left to itself, DBOS hashes the source and lets jobs of another version lie.
VERSION = "1"
WORKFLOW = "grade_run"
INTERACTIVE = "interactive"
REGRADE = "regrade"
QUEUES = (INTERACTIVE, REGRADE)  # the earlier goes first

MAX_RECOVERIES = (
    4  # so often a job may be resumed after its worker died; then it is lost, and a failure of ours
)


def _refuse_pickle(serializer: DefaultSerializer, serialized_data: str) -> NoReturn:
    raise ValueError("A row of the job engine is a pickle, which is never read.")


DefaultSerializer.deserialize = _refuse_pickle  # type: ignore[assignment, method-assign]


def prepare_job_tables(url: str) -> None:
    """Make the job engine's tables in the database at this URL, or bring them up to date."""
    _quiet()
    DBOS.migrate(with_network_timeouts(url))
    SQLAlchemyDatasource.migrate(with_network_timeouts(url))


def check_job_tables(url: str) -> None:
    """Raise GraderError with the fix if the job engine's tables are missing or older; changes nothing."""
    client = open_client(url)
    tables = client._sys_db
    try:
        tables.verify_migrations()
        with tables.engine.connect() as connection:
            verify_datasource_migrations(connection, tables.schema, tables.engine.url)
    except DBOSInitializationError as error:
        raise GraderError(
            "The job engine's tables are missing or older than this program.\n"
            "To fix it: make a backup (`grader backup FILE`), then run `grader db upgrade`"
        ) from error
    finally:
        client.destroy()


def open_client(url: str) -> DBOSClient:
    """Return what adds jobs and looks them up; it connects when it is first used."""
    _quiet()
    return DBOSClient(
        system_database_url=with_network_timeouts(url),
        application_name=APPLICATION,
        serializer=DBOSPortableJSON,
        lazy=True,
        retry_connection_errors=False,
    )


def open_datasource(url: str, engine: Engine) -> SQLAlchemyDatasource:
    """Return what runs a job's last step in a transaction of this engine's; its tables are there already."""
    return SQLAlchemyDatasource.create(url, engine=engine, serializer=DBOSPortableJSON, run_migrations=False)


def configuration(url: str, worker_id: str) -> DBOSConfig:
    """Return the configuration of a worker's engine; `worker_id` is fresh for each process."""
    return {
        "name": APPLICATION,
        "system_database_url": with_network_timeouts(url),
        "serializer": DBOSPortableJSON,
        "application_version": VERSION,
        "executor_id": worker_id,
        "run_migrations": False,
        "log_level": "WARNING",
    }


def job_id(run_id: int, tries: int) -> str:
    """Return the name of the job for a run's try."""
    return f"run-{run_id}-{tries}"


def _quiet() -> None:
    logging.getLogger("dbos").setLevel(logging.WARNING)
