"""The client in a fresh environment, against a served app whose worker acts what each hand-in says."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from grader.accounts.tokens import create_token
from grader.db import migration
from grader.db.base import now
from grader.db.database import Database, open_database
from grader.db.models import Scope, Submission, User
from grader.jobs.engine import prepare_job_tables
from grader.settings import CHECKOUT
from tests.client.environment import Environment, make_environment
from tests.client.unreliable import Unreliable, unreliable
from tests.jobs.hand_ins import PART
from tests.jobs.workers import start_worker, wait_until
from tests.people import World, make_world
from tests.service.serving import serving

PATIENCE_S = 120
REPOSITORY = CHECKOUT / "student_template" / "nn"


@dataclass(frozen=True)
class Site:
    """The served service with its cast; Ada hands in for the unit nn of her only course."""

    address: str
    database: Database
    world: World

    def token(self, user: User | None = None, *scopes: Scope, days: int = 30) -> str:
        with self.database.writing() as session:
            owner = user or self.world.ada
            lifetime = timedelta(days=days)
            return create_token(session, owner.id, "CI", scopes or (Scope.SUBMIT,), lifetime, now())[1]

    def handed_in(self) -> int:
        """How many submissions there are."""
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Submission)) or 0


@dataclass
class Client:
    """`grader submit` of the fresh environment, with a home of its own."""

    environment: Environment
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: object, **variables: str) -> subprocess.Popen[str]:
        given = self.environment.variables(self.home) | self.variables | variables
        return subprocess.Popen(
            [self.environment.command, "submit", *map(str, arguments)],
            env={name: value for name, value in given.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **variables)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in stdout + stderr, stderr
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def interrupt(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGINT)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return make_environment(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real web server on a database of its own, and the acting worker."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'grader.sqlite'}"
    database = open_database(url)
    migration.upgrade(database)
    prepare_job_tables(url)
    world = make_world(database)
    worker = start_worker(url, 2, GRADER_DATA_DIR=str(folder))
    generous = {"uploads_per_minute": 1000, "api_requests_per_minute": 10_000}
    with serving(folder, "--no-worker", database_url=url, data_dir=folder, **generous) as served:
        wait_until(lambda: served.get("/healthz")[0] == 200, "the web server answers")
        yield Site(served.address, database, world)
    worker.kill()
    assert worker.process.stdout is not None
    worker.process.stdout.close()
    database.close()


@pytest.fixture
def between(site: Site) -> Iterator[Unreliable]:
    """What stands between client and service."""
    with unreliable(site.address) as state:
        yield state


@pytest.fixture
def client(environment: Environment, site: Site, tmp_path: Path) -> Client:
    """Ada's client."""
    home = tmp_path / "home"
    home.mkdir()
    return Client(environment, home, {"GRADER_SERVER": site.address, "GRADER_TOKEN": site.token()})


@pytest.fixture
def make_work(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder to hand in, as a student's repository is; `part` is for the acting worker."""

    def make(**part: Any) -> Path:
        folder = tmp_path / "work"
        shutil.copytree(REPOSITORY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("notebooks"))
        (folder / PART).write_text(json.dumps({"for": tmp_path.name, **part}), encoding="utf-8")
        return folder

    return make
