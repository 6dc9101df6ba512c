"""The repositories: bare ones below the setting `data_dir`, made when they are first asked for.

The folders are `git/COURSE/UNIT/USER.git`, with the person's number and the moment of the account's making as
USER: an address may pass to somebody else, and a number does with another database. The address stands in
the file `description`, for people. Whoever changes a repository holds its lock, which the processes of git
inherit: it is free only once all of them have ended, so whatever they left half done may then be removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from grader.db.models import User
from grader.errors import GraderError
from grader.git.environment import DEFAULT_BRANCH, PINS, ask_git
from grader.git.limits import GitLimits

LOCK_LOOK_S = 0.05
FOLDER = "git"
INCOMING = ".incoming"  # no course's name begins with a dot
CONFIGURATION = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


class RepositoryBusy(GraderError):
    """Another push to the same repository takes too long."""


@dataclass(frozen=True)
class Repository:
    """One person's repository for one unit; `path` is its folder, whether it is there or not.

    `email` is the person's present address.
    """

    path: Path
    email: str

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return self.path.is_dir()

    def make(self) -> None:
        """Make it, empty, unless it is there; several may do so at once.

        One that is there is made what it should be: it says nothing of its own, and borrows nothing.
        """
        if self.exists:
            self._make_plain()
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=self.path.parent))
        (new / "objects" / "pack").mkdir(parents=True)
        (new / "refs" / "heads").mkdir(parents=True)
        (new / "HEAD").write_text(f"ref: {DEFAULT_BRANCH}\n", encoding="utf-8")
        (new / "config").write_text(CONFIGURATION, encoding="utf-8")
        (new / "description").write_text(f"{self.email}\n", encoding="utf-8")
        try:
            new.rename(self.path)
        except OSError:
            shutil.rmtree(new)
            if not self.exists:
                raise

    @contextlib.contextmanager
    def locked(self, timeout_s: float) -> Iterator[int]:
        """Be the only one who changes it; yield the lock's file descriptor, for git to inherit.

        Raises RepositoryBusy after `timeout_s`.
        """
        descriptor = os.open(self.path / "push-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline_s = time.monotonic() + timeout_s
            while not _locks(descriptor):
                if time.monotonic() > deadline_s:
                    raise RepositoryBusy("Another push to this repository is still going on.")
                time.sleep(LOCK_LOOK_S)
            self._remove_leftovers()
            yield descriptor
        finally:
            os.close(descriptor)

    def references(self) -> dict[str, str]:
        """Return all references and what they name, pins included."""
        lines = ask_git(self.path, "for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        return {name: commit for commit, _, name in (line.partition(" ") for line in lines)}

    def head(self) -> str | None:
        """Return the commit of the default branch; None before the first push."""
        return self.references().get(DEFAULT_BRANCH)

    def pin(self, number: int, commit: str) -> None:
        """Keep the commit of submission `number`, whatever is pushed later; hidden from its owner."""
        ask_git(self.path, "update-ref", f"{PINS}/submissions/{number}", commit)

    def size_bytes(self) -> int:
        """Return how much all objects take on disk."""
        found = 0
        for folder, _, names in os.walk(self.path / "objects"):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    found += (Path(folder) / name).stat().st_size
        return found

    def tidy(self, limits: GitLimits) -> bool:
        """Put the packs of many pushes together, with the lock held; False if there was no need."""
        if sum(1 for _ in (self.path / "objects" / "pack").glob("*.pack")) <= limits.packs:
            return False
        ask_git(self.path, "gc", "--quiet", "--prune=1.day.ago", limits=limits)
        return True

    def make_room(self, limits: GitLimits) -> None:
        """Remove what no reference needs, such as deleted branches' objects, at once, with the lock held."""
        ask_git(self.path, "gc", "--quiet", "--prune=now", limits=limits)

    def _make_plain(self) -> None:
        for name, text in (("config", CONFIGURATION), ("description", f"{self.email}\n")):
            file = self.path / name
            if file.read_text(encoding="utf-8", errors="replace") != text:
                file.write_text(text, encoding="utf-8")
        (self.path / "objects" / "info" / "alternates").unlink(missing_ok=True)

    def _remove_leftovers(self) -> None:
        """Remove what a killed git left: locks of references, objects in quarantine, unfinished packs."""
        for path in [*self.path.glob("*.lock"), *self.path.glob("refs/**/*.lock")]:
            path.unlink(missing_ok=True)
        for path in [*self.path.glob("objects/tmp_*"), *self.path.glob("objects/incoming-*")]:
            shutil.rmtree(path, ignore_errors=True)
        for path in self.path.glob("objects/pack/tmp_*"):
            path.unlink(missing_ok=True)


def repository_of(data_dir: Path, course: str, unit: str, user: User) -> Repository:
    """Return the person's repository for the unit, by the slugs of course and unit; it need not be there."""
    name = f"{user.id}-{user.created_at:%Y%m%dT%H%M%S.%f}.git"
    return Repository(data_dir / FOLDER / course / unit / name, user.email)


def address_of(public_url: str, course: str, unit: str, email: str) -> str:
    """Return the address that git is given."""
    return f"{public_url}/git/{course}/{unit}/{quote(email, safe='@')}.git"


def incoming_folder(data_dir: Path) -> Path:
    """Return the folder in which requests are put down while they come in; on the disk, not in memory."""
    folder = data_dir / FOLDER / INCOMING
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
