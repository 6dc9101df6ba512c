"""A PostgreSQL server of our own: a fresh cluster in a temporary folder, on loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

SERVICE_USER = "postgres"  # initdb and postgres refuse to run as root


def programs() -> Path | None:
    """The folder with initdb and pg_ctl: the newest version installed, None if there is none."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    return installed[-1].parent if installed else None


@dataclass(frozen=True)
class PostgresServer:
    folder: Path
    port: int

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{SERVICE_USER}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))

    def restart(self) -> None:
        """Stop it as a crash would, and start it again."""
        _control(self.folder, "restart", "--mode=immediate")


@contextlib.contextmanager
def postgres_server(syncs: bool = True) -> Iterator[PostgresServer]:
    """Start a server, and stop it in the end.

    Without `syncs` its files are the kernel's to write: they survive the death of any process, as tests
    need, but not the machine's, and a restart after a crash does not read each file of each database first.
    """
    folder = Path(tempfile.mkdtemp(prefix="grader-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, SERVICE_USER)
    _run("initdb", f"--pgdata={folder}/data", "--auth=trust", f"--username={SERVICE_USER}", "--no-sync")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = folder / "data" / "postgresql.conf"
    with configuration.open("a") as file:
        file.write(
            f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n"
            f"max_connections = 200\nfsync = {'on' if syncs else 'off'}\n"
        )
    try:
        _control(folder, "start")
        yield PostgresServer(folder, port)
    finally:
        _control(folder, "stop", "--mode=immediate")
        shutil.rmtree(folder)


def _control(folder: Path, act: str, *options: str) -> None:
    _run("pg_ctl", f"--pgdata={folder}/data", f"--log={folder}/log", "--wait", "--timeout=300", *options, act)


def _run(program: str, *arguments: str) -> None:
    where = programs()
    assert where is not None, "PostgreSQL is not installed"
    as_user = ["runuser", "-u", SERVICE_USER, "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*as_user, str(where / program), *arguments],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
