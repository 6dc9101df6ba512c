"""The app behind a real server on loopback, as git's client finds it."""

from __future__ import annotations

import random
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import requests
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Archive, CourseUnit, Enrolment, GradingRun, RunState, Scope, Submission, User
from grader.git.deciding import Reception
from grader.git.limits import GitLimits
from grader.git.pkt_lines import FLUSH, pkt_line
from grader.git.places import Places
from grader.git.repositories import Repository, repository_of
from grader.jobs.engine import prepare_job_tables
from grader.jobs.queue import JobQueue
from grader.settings import Settings
from grader.web.app import create_app
from grader.web.git.routes import RECEPTION
from grader.web.service import EXTENSION
from tests.api.client import new_token
from tests.git.client import Workplace
from tests.submissions.archives.packing import git


@dataclass(frozen=True)
class Site:
    """The running service."""

    host: str
    app: Flask
    settings: Settings
    database: Database
    folder: Path

    def address(self, owner: User, person: User | None = None, *scopes: Scope, unit: str = "nn") -> str:
        """The address of the owner's repository, with the person's name and a fresh token in it."""
        person = person or owner
        token = new_token(self.database, person, *(scopes or (Scope.SUBMIT,)))
        path = f"git/dl/{unit}/{quote(owner.email, safe='@')}.git"
        return f"http://{quote(person.email, safe='')}:{token}@{self.host}/{path}"

    def token(self, person: User, *scopes: Scope) -> str:
        """A fresh token of the person's."""
        return new_token(self.database, person, *scopes)

    def end_membership(self, person: User) -> None:
        """Let the person leave the course."""
        with self.database.writing() as session:
            session.execute(sa.update(Enrolment).where(Enrolment.user_id == person.id).values(ended_at=now()))

    def workplace(self, owner: User, name: str = "work", *scopes: Scope) -> Workplace:
        """A new working folder of the owner's, set up to push."""
        return Workplace(self.folder / owner.email / name, self.address(owner, None, *scopes))

    def repository(self, owner: User) -> Repository:
        """The repository on the server."""
        return repository_of(self.settings.data_dir, "dl", "nn", owner)

    def submissions(self, owner: User) -> list[Submission]:
        """What the person has handed in, the first one first."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    sa.select(Submission).where(Submission.user_id == owner.id).order_by(Submission.number)
                )
            )

    def archive(self, owner: User, number: int) -> bytes:
        """The bytes of what the person has handed in as this number."""
        with self.database.reading() as session:
            return session.scalars(
                sa.select(Archive.content)
                .join(Submission, Submission.archive_sha256 == Archive.sha256)
                .where(Submission.user_id == owner.id, Submission.number == number)
            ).one()

    def references(self, owner: User) -> dict[str, str]:
        """The repository's references, after git has found nothing wrong with it."""
        repository = self.repository(owner)
        if not repository.exists:
            return {}
        git("fsck", "--full", "--strict", "--no-dangling", at=repository.path)
        return repository.references()

    def head(self, owner: User) -> str | None:
        """The commit of the default branch, after git has found nothing wrong with the repository."""
        return self.references(owner).get("refs/heads/main")

    def pins(self, owner: User) -> dict[str, str]:
        """The commits that were handed in, by their references."""
        found = self.references(owner)
        return {name: commit for name, commit in found.items() if name.startswith("refs/grader/")}

    def limits(self, **changed: int) -> GitLimits:
        """The service's limits, changed."""
        return replace(self._reception.limits, **changed)

    def set_limits(self, **changed: int) -> None:
        """Hold git to other limits from now on."""
        self.app.extensions[RECEPTION] = replace(self._reception, limits=self.limits(**changed))

    def follow_for(self, seconds: float) -> None:
        """Let pushes show their grading for so long."""
        self.app.extensions[RECEPTION] = replace(self._reception, follow_s=seconds)

    def places(self) -> Places:
        """The places of the web process."""
        return self._reception.places

    def places_taken(self) -> int:
        """How many requests of git are under way."""
        return self.places()._taken.total()

    def set_setting(self, name: str, value: object) -> None:
        """Change a setting that is read at each request."""
        installed = self.app.extensions[EXTENSION]
        changed = replace(installed.settings, **{name: value})
        self.app.extensions[EXTENSION] = replace(installed, settings=changed)

    @property
    def _reception(self) -> Reception:
        return self.app.extensions[RECEPTION]  # type: ignore[no-any-return]

    def finish_at_once(self) -> None:
        """Let every run be graded as soon as it is queued."""
        add = self.app.extensions[EXTENSION].queue.add

        def add_and_finish(session: Session, run: GradingRun) -> None:
            add(session, run)
            run.state = RunState.GRADED

        self.app.extensions[EXTENSION].queue.add = add_and_finish

    def push_body(
        self,
        workplace: Workplace,
        *commands: tuple[str, str, str],
        capabilities: bytes = b"report-status side-band-64k",
    ) -> bytes:
        """The body of a push with these commands, and a pack of all that the workplace has."""
        pack = subprocess.run(
            ["git", "pack-objects", "--all", "--stdout", "--quiet"],
            cwd=workplace.folder,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        ).stdout
        lines = [" ".join(command).encode() for command in commands]
        lines[0] += b"\0" + capabilities
        return b"".join(map(pkt_line, lines)) + FLUSH + pack

    def push_raw(self, workplace: Workplace, *commands: tuple[str, str, str]) -> str:
        """Send a push as no git would; return the answer."""
        return self.post(workplace, self.push_body(workplace, *commands)).text

    def break_off(self, workplace: Workplace, body: bytes, promised: int) -> None:
        """Send less of a push than promised, and hang up."""
        workplace.begin_push(body, f"Content-Length: {promised}").close()

    def post(
        self, workplace: Workplace, body: bytes, action: str = "git-receive-pack", **headers: str
    ) -> requests.Response:
        """Send a request by hand."""
        given = {"Content-Type": f"application/x-{action}-request"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(f"{workplace.address}/{action}", body, headers=given, timeout=60)

    def set_unit(self, unit: CourseUnit, **fields: object) -> None:
        """Change what the course says of the unit."""
        with self.database.writing() as session:
            for name, value in fields.items():
                setattr(session.get_one(CourseUnit, unit.id), name, value)

    @staticmethod
    def ago(seconds: float) -> datetime:
        """The moment so many seconds ago."""
        return now() - timedelta(seconds=seconds)

    @staticmethod
    def noise(size: int) -> bytes:
        """Bytes that can't be compressed, the same each time."""
        return random.Random(size).randbytes(size)

    def runs(self) -> int:
        """How many gradings there are."""
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(GradingRun)) or 0


@contextmanager
def running_site(database: Database, folder: Path, **settings: object) -> Iterator[Site]:
    """Serve the app on a free port, with the real queue and no worker."""
    url = database.engine.url.render_as_string(hide_password=False)
    prepare_job_tables(url)
    queue = JobQueue(url)
    chosen = {
        "data_dir": folder / "data",
        "database_url": url,
        "git_follow_s": 0,
        "uploads_per_minute": 1000,
        **settings,
    }
    made = Settings(**chosen)  # type: ignore[arg-type]
    app = create_app(made, database, queue)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"127.0.0.1:{server.server_port}", app, made, database, folder / "people")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        queue.close()
