"""What is settled about DBOS, the library that keeps jobs: names, tables, and how it is opened."""

from __future__ import annotations

import logging

from dbos import DBOS, DBOSClient, DBOSConfig, SQLAlchemyDatasource

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


def prepare_job_tables(url: str) -> None:
    """Make the job engine's tables in the database at this URL, or bring them up to date."""
    _quiet()
    DBOS.migrate(url)
    SQLAlchemyDatasource.migrate(url)


def open_client(url: str) -> DBOSClient:
    """Return what adds jobs and looks them up; it connects when it is first used."""
    _quiet()
    return DBOSClient(
        system_database_url=url, application_name=APPLICATION, lazy=True, retry_connection_errors=False
    )


def configuration(url: str, worker_id: str) -> DBOSConfig:
    """Return the configuration of a worker's engine; `worker_id` is fresh for each process."""
    return {
        "name": APPLICATION,
        "system_database_url": url,
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
