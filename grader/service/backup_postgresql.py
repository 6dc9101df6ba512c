"""Backup and restore of a PostgreSQL database, by pg_dump, pg_restore and psql.

What programs of one major version write is for servers of that version and newer ones: those of 17, for one,
set what a server of 16 does not know. So a backup is made by programs of the server's own major version, that
it can go back to where it came from, and restored by none that are newer than the server.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from grader.errors import GraderError, UsageError

MAGIC = b"PGDMP"
EMPTYING = """\
BEGIN;
SET LOCAL client_min_messages = warning;
DROP SCHEMA IF EXISTS dbos CASCADE;
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
"""  # the job engine's tables, and ours


def dump(engine: sa.Engine, file: Path) -> None:
    """Write the database as it is at this moment to `file`, in pg_dump's custom format.

    Raises GraderError, also if pg_dump is not of the server's major version.
    """
    theirs, ours = _server_version(engine), _program_version("pg_dump")
    if ours != theirs:
        raise GraderError(
            f"pg_dump is of version {ours} and the server of version {theirs}: the backup could not be made, "
            f"or not be restored there.\n{_fix(theirs)}"
        )
    _run(engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def load(file: Path, engine: sa.Engine) -> None:
    """Replace all that the database holds by what `file` holds, in one transaction.

    Raises UsageError if the file is damaged, GraderError if it can't be restored, also if pg_restore is newer
    than the server; then nothing is changed.
    """
    theirs, ours = _server_version(engine), _program_version("pg_restore")
    if ours > theirs:
        raise GraderError(
            f"pg_restore is of version {ours} and the server of version {theirs}, which may not understand "
            f"what it writes. Nothing was changed.\n{_fix(theirs)}"
        )
    try:
        _run(None, "pg_restore", "--file=/dev/null", str(file))
    except GraderError as error:
        raise UsageError(f"{file} is damaged: {error}") from error
    with tempfile.TemporaryFile() as errors:
        is_done = _replace_in_one_transaction(file, engine, errors)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()[-1000:]
    if not is_done:
        raise GraderError(f"The backup can't be restored; the database is as it was before: {said}")


def _replace_in_one_transaction(file: Path, engine: sa.Engine, errors: IO[bytes]) -> bool:
    """Feed to psql what empties the database, what `file` holds, and a COMMIT; return whether that worked.

    The COMMIT comes only after pg_restore has written everything: whatever ends before, changes nothing.
    """
    command, environment = _command(
        engine, "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=-"
    )
    script = _command(None, "pg_restore", "--file=-", "--no-owner", "--no-privileges", str(file))[0]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(
        command, bufsize=0, env=environment, stdin=pipe, stdout=nowhere, stderr=errors
    ) as psql:
        assert psql.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # psql has met an error, said it and ended
            psql.stdin.write(EMPTYING.encode())
            written = subprocess.run(script, stdin=nowhere, stdout=psql.stdin, stderr=errors)
            if written.returncode == 0:
                psql.stdin.write(b"COMMIT;\n")
            psql.stdin.close()
            return psql.wait() == 0 and written.returncode == 0
    return False


def _server_version(engine: sa.Engine) -> int:
    """Return the server's major version."""
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SHOW server_version_num")).scalar_one()) // 10_000


def _program_version(program: str) -> int:
    """Return the major version of a program of PostgreSQL's."""
    said = _run(None, program, "--version")
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    if found is None:
        raise GraderError(f"{program} does not say its version: {said.strip()}")
    return int(found[1])


def _fix(version: int) -> str:
    return f"To fix it: install PostgreSQL's client programs of version {version}, or run a server of theirs"


def _run(engine: sa.Engine | None, program: str, *arguments: str) -> str:
    """Run a program of PostgreSQL's on the database; return what it printed."""
    command, environment = _command(engine, program, *arguments)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise GraderError(f"{program} failed: {done.stderr.strip()[-1000:]}")
    return done.stdout


def _command(engine: sa.Engine | None, program: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment, by which the password goes: nobody else sees that."""
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
    return [found, *target, *arguments], environment
