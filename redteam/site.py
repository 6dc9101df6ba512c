"""The service as attacks that hand in find it: behind a real server on loopback, with its queue and no
worker."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from grader.db import migration
from grader.db.database import open_database
from grader.db.models import Scope
from tests.git import site as git_site
from tests.git.client import Workplace
from tests.people import World, make_world

TIMEOUT_S = 120


@dataclass(frozen=True)
class Uploaded:
    """What came of an upload: the codes of its refusal, none if it was taken, and whether it is stored."""

    codes: tuple[str, ...]
    stored: bool


@dataclass
class RunningSite:
    """The service, with a course of which Ada is a student. She attacks, from `folder`."""

    site: git_site.Site
    world: World
    folder: Path

    def upload(self, archive: bytes) -> Uploaded:
        """Hand the archive in by the API."""
        before = len(self.site.submissions(self.world.ada))
        answer = requests.post(
            f"http://{self.site.host}/api/v1/submissions",
            data={"course": "dl", "unit": "nn"},
            files={"archive": ("nn.zip", archive)},
            headers={"Authorization": f"Bearer {self.site.token(self.world.ada, Scope.SUBMIT)}"},
            timeout=TIMEOUT_S,
        )
        stored = len(self.site.submissions(self.world.ada)) > before
        if answer.status_code == 202:
            return Uploaded((), stored)
        said = answer.json()
        reasons = said.get("rejected", [])
        return Uploaded(tuple(reason["code"] for reason in reasons) or (said["code"],), stored)

    def fresh_repository(self) -> None:
        """Let Ada begin anew: without a repository on the server."""
        shutil.rmtree(self.site.repository(self.world.ada).path, ignore_errors=True)

    def workplace(self, folder: Path) -> Workplace:
        """A working folder of Ada's, set up to push."""
        return Workplace(folder, self.site.address(self.world.ada))


@contextmanager
def running_site() -> Iterator[RunningSite]:
    """Run the service in a folder that is removed afterwards."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="grader-redteam-") as name:
        folder = Path(name)
        database = open_database(f"sqlite:///{folder / 'grader.sqlite'}")
        try:
            migration.upgrade(database)
            world = make_world(database)
            with git_site.running_site(database, folder) as site:
                yield RunningSite(site, world, folder / "people")
        finally:
            database.close()
