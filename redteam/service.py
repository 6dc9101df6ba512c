"""The channel for dates: late work that claims to be early, on a running service.

The deadline passed an hour ago. In an honest course the attacker has handed in an unsolved package before it,
or nothing, and now hands in what `[payload]` says:

    way = "upload"           a zip archive by the API, or "push": git, with the real client
    dates = "2020-…"         what files (in the archive) and commits say of their age
    replaces = true          something was handed in before the deadline, and a forced push is to replace it

The plain control believes what the hand-in says of itself, as scripts that collect repositories do: the
newest date of a file in the archive, or of the branch's last commit, and it grades what the branch holds now.
Here the date is that of the request, and what was handed in stays. Sandboxes have no part in it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
import structlog

from grader.db import migration
from grader.db.base import now
from grader.db.database import open_database
from grader.db.models import Scope, Submission
from redteam.attack import Attack
from redteam.observation import Fired, Held
from tests.git.client import Workplace
from tests.git.site import Site, running_site
from tests.people import World, make_world
from tests.submissions.archives.packing import honest_tree

SOLVED = b"solved = True  # written after the deadline\n"
LATE_FILE = "g2c/nn/optim.py"
TIMEOUT_S = 120


@contextlib.contextmanager
def channel() -> Iterator[ServiceChannel]:
    """The channel, with a running service."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="grader-redteam-") as name, contextlib.ExitStack() as stack:
        stack.callback(structlog.reset_defaults)
        database = open_database(f"sqlite:///{Path(name) / 'grader.sqlite'}")
        stack.callback(database.close)
        migration.upgrade(database)
        world = make_world(database)
        site = stack.enter_context(running_site(database, Path(name)))
        yield ServiceChannel(site, world, Path(name))


class ServiceChannel:
    """See `Channel`."""

    def __init__(self, site: Site, world: World, folder: Path):
        self._site, self._world, self._folder = site, world, folder
        self._count = 0

    def plain(self, attack: Attack) -> Fired:
        """See `Channel.plain`."""
        deadline = now() - timedelta(hours=1)
        if attack.payload["way"] == "upload":
            claimed, holds_late_work = _newest_file(_archive(attack.payload["dates"])), True
        else:
            server = self._new_folder()
            subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", server], check=True)
            self._push(attack, str(server), deadline)
            claimed, holds_late_work = _last_commit(server)
        return Fired(
            claimed <= deadline and holds_late_work,
            f"taken for work of {claimed:%Y-%m-%d}, {'with' if holds_late_work else 'without'} late changes",
        )

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """See `Channel.grade`; `sandbox` has no part in it."""
        ada = self._world.ada
        deadline = now() + timedelta(hours=1 if attack.payload.get("replaces") else -1)
        self._site.set_unit(self._world.unit, deadline_at=deadline, late_until_at=now() + timedelta(days=1))
        before = len(self._site.submissions(ada))
        if attack.payload["way"] == "upload":
            self._upload(_archive(attack.payload["dates"]))
        else:
            self._push(attack, self._site.address(ada), now() - timedelta(hours=1))
        new = self._site.submissions(ada)[before:]
        return Held(_told(new), tuple(self._breaches(new)))

    def _breaches(self, new: list[Submission]) -> Iterator[str]:
        if not new:
            yield "nothing was handed in: the attack was not tried"
        for submission in new:
            holds_late_work = SOLVED in _file(
                self._site.archive(self._world.ada, submission.number), LATE_FILE
            )
            if holds_late_work and not submission.is_late:
                yield f"hand-in {submission.number} holds late work and is not late"
            if abs((now() - submission.received_at).total_seconds()) > TIMEOUT_S:
                yield f"hand-in {submission.number} is dated {submission.received_at}"

    def _upload(self, archive: bytes) -> None:
        requests.post(
            f"http://{self._site.host}/api/v1/submissions",
            data={"course": "dl", "unit": "nn"},
            files={"archive": ("nn.zip", archive)},
            headers={"Authorization": f"Bearer {self._site.token(self._world.ada, Scope.SUBMIT)}"},
            timeout=TIMEOUT_S,
        ).raise_for_status()

    def _push(self, attack: Attack, address: str, on_time: datetime) -> None:
        """Push late work under an early date; where it `replaces`, something was pushed on time."""
        dates = {"GIT_AUTHOR_DATE": attack.payload["dates"], "GIT_COMMITTER_DATE": attack.payload["dates"]}
        work = Workplace(self._new_folder(), address, dates)
        if attack.payload.get("replaces"):
            work.commit()
            work.push("--force", "main")
            self._site.set_unit(self._world.unit, deadline_at=on_time)
            work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "First draft")
        work.commit({**honest_tree(), LATE_FILE: SOLVED}, message="Work")
        work.push("--force", "main")

    def _new_folder(self) -> Path:
        self._count += 1
        return self._folder / f"place-{self._count}"


def _archive(dates: str) -> bytes:
    """A hand-in as a zip archive, in which all files are of this date."""
    moment = datetime.fromisoformat(dates)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in {**honest_tree(), LATE_FILE: SOLVED}.items():
            archive.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), content)
    return held.getvalue()


def _newest_file(archive: bytes) -> datetime:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return max(datetime(*entry.date_time, tzinfo=UTC) for entry in opened.infolist())


def _last_commit(server: Path) -> tuple[datetime, bool]:
    """When a repository's branch was last worked on, as it says itself, and whether late work is in it."""

    def git(*arguments: str) -> bytes:
        return subprocess.run(["git", *arguments], cwd=server, capture_output=True, check=True).stdout

    said = git("log", "-1", "--format=%cI", "main").decode().strip()
    return datetime.fromisoformat(said), SOLVED in git("show", f"main:{LATE_FILE}")


def _file(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return next((opened.read(entry) for entry in opened.namelist() if entry.endswith(name)), b"")


def _told(new: list[Submission]) -> str:
    ways = ["late" if submission.is_late else "on time" for submission in new]
    return f"{len(new)} handed in: {', '.join(ways)}"
