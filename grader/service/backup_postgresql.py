"""Backup and restore of a PostgreSQL database, by pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from grader.errors import GraderError, UsageError

MAGIC = b"PGDMP"
SCHEMAS = ("dbos", "public")  # the job engine's, and ours


def dump(engine: sa.Engine, file: Path) -> None:
    """Write the database as it is at this moment to `file`, in pg_dump's custom format."""
    _run(engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def load(file: Path, engine: sa.Engine) -> None:
    """Replace all that the database holds by what `file` holds.

    Raises UsageError, before anything is changed, if the file is damaged.
    """
    try:
        _run(None, "pg_restore", "--file=/dev/null", str(file))
    except GraderError as error:
        raise UsageError(f"{file} is damaged: {error}") from error
    with engine.begin() as connection:
        for schema in SCHEMAS:
            connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    _run(
        engine,
        "pg_restore",
        *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file)),
    )


def _run(engine: sa.Engine | None, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's on the database; the password goes by the environment."""
    found = shutil.which(program)
    if found is None:
        raise GraderError(f"{program} is not installed.\nTo fix it: apt-get install postgresql-client")
    environment = dict(os.environ)
    target = []
    if engine is not None:
        parameters: dict[str, Any] = engine.url.translate_connect_args(
            username="user", database="dbname"
        ) | dict(engine.url.query)
        if "password" in parameters:
            environment["PGPASSWORD"] = str(parameters.pop("password"))
        target = [f"--dbname={make_conninfo('', **parameters)}"]
    done = subprocess.run(
        [found, *target, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise GraderError(f"{program} failed: {done.stderr.strip()[-1000:]}")
