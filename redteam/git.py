"""The channel for git: a repository is pushed to a running service, and fetched from a host that was linked.

Keys of `[payload]`: `push`, what is pushed (default: main), or `urls`, addresses to be asked (see
`git_urls`). The payload's `make.sh` runs in a repository with one honest commit and makes it hostile. In
files `@PROOF@` stands for a file that code of the payload writes, `@LISTENER@` for the address of a
listener on loopback, `$PAYLOAD` for the folder of the payload's files. Sandboxes have no part in it.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import GraderError, OutboundError, RejectedError
from grader.outbound.client import Outbound
from grader.pushes.fetching import Fetcher
from grader.submissions.archive import read_archive_bytes, read_submission
from redteam import git_urls, host
from redteam.attack import Attack, Outcome
from redteam.listener import Listener
from redteam.observation import Fired, Held
from redteam.plain.throwaway import run_in_throwaway
from redteam.site import RunningSite, running_site
from tests.git.client import Workplace
from tests.pushes.git_host import serving_git
from tests.submissions.archives.packing import PACKAGE, REQUIRED

ENOUGH_BYTES = 64 * 1024**2
ENOUGH_S = 60.0


class GitChannel:
    """See `Channel`."""

    def __init__(self, site: RunningSite):
        self._site = site

    def plain(self, attack: Attack) -> Fired:
        """See `Channel.plain`."""
        if "urls" in attack.payload:
            return git_urls.plain(attack)
        token = secrets.token_hex(8)
        files = {name: content.decode() for name, content in attack.with_token(token).items()}
        found = run_in_throwaway("git_harness.py", {"files": files, "token": token}, b"")
        return Fired(
            attack.fires in found, found.get(attack.fires, f"nothing but {found}" if found else "nothing")
        )

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """See `Channel.grade`; `sandbox` has no part in it."""
        if "urls" in attack.payload:
            return git_urls.grade(attack)
        token = secrets.token_hex(8)
        before = host.traces(token)
        with tempfile.TemporaryDirectory(prefix="grader-redteam-") as name, Listener("127.0.0.1") as listener:
            attempt = _Attempt(attack, token, Path(name), listener, self._site)
            seen = [attempt.push(), attempt.fetch(), attempt.read()]
            breaches = [*attempt.breaches()]
        left = sorted(f"ah: left on the host: {trace}" for trace in host.left_since(before, token))
        return Held("; ".join(seen), (*breaches, *left))


class _Attempt:
    """One attack's repository, tried on every way in that takes repositories."""

    def __init__(self, attack: Attack, token: str, folder: Path, listener: Listener, site: RunningSite):
        self._attack, self._folder, self._listener, self._site = attack, folder, listener, site
        self._token, self._proof = token, folder / "proof"
        self._breaches: list[str] = []
        site.fresh_repository()
        self._work = site.workplace(folder / "ada")
        self._work.commit()
        _make(self._work, self._payload_files())

    def push(self) -> str:
        """Push it to the service."""
        started_s = time.monotonic()
        before = len(self._site.site.submissions(self._site.world.ada))
        pushed = self._work.push(*self._attack.payload.get("push", ["main"]))
        took_s = time.monotonic() - started_s
        submissions = self._site.site.submissions(self._site.world.ada)
        if took_s > ENOUGH_S:
            self._breaches.append(f"the push took {took_s:.0f} s")
        path = self._site.site.repository(self._site.world.ada).path
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.exists() else 0
        if size > ENOUGH_BYTES:
            self._breaches.append(f"the repository here has {size // 1024**2} MiB")
        if pushed.code:
            self._expect(Outcome.REJECTED, "the push was refused")
            if len(submissions) > before:
                self._breaches.append("what was refused is handed in")
            return "push refused"
        self._expect(Outcome.NO_EFFECT, "the push was taken")
        for submission in submissions[before:]:
            archive = self._site.site.archive(self._site.world.ada, submission.number)
            self._look_at(dict(read_archive_bytes(archive, "x.zip", PACKAGE, REQUIRED).files))
        return "push taken without it"

    def fetch(self) -> str:
        """Let the service fetch it from a host."""
        root = self._folder / "host"
        (root / "ada").mkdir(parents=True)
        shutil.copytree(self._work.folder / ".git", root / "ada" / "nn.git")
        commit = self._work.git("rev-parse", "main")
        with serving_git(root) as serving:
            fetcher = Fetcher(Outbound((serving.origin,)))
            try:
                self._look_at(fetcher.files_of(f"{serving.origin}/ada/nn", commit, None))
            except (OutboundError, RejectedError):
                self._expect(Outcome.REJECTED, "the fetch was refused")
                return "fetch refused"
        return "fetched without it"

    def read(self) -> str:
        """Read it as the folder `repo.git` that a student hands to `grader grade`."""
        try:
            files = read_submission(self._folder / "host" / "ada" / "nn.git", PACKAGE, REQUIRED).files
        except RejectedError as error:
            self._expect(Outcome.REJECTED, "it was refused")
            return f"refused: {error.rejections[0].code}"
        self._look_at(dict(files))
        return "read without it"

    def breaches(self) -> Iterator[str]:
        """Everything that it did and may not do."""
        yield from dict.fromkeys(self._breaches)
        if self._proof.exists():
            yield "a program of the hand-in ran"
        if self._listener.contacts():
            yield "an address that the hand-in names was asked"

    def _expect(self, outcome: Outcome, what: str) -> None:
        if outcome not in self._attack.outcomes:
            self._breaches.append(f"{what}, which is not expected")

    def _look_at(self, files: dict[str, bytes]) -> None:
        """Whatever comes in is what the commit holds, byte for byte, and nothing else."""
        for name, content in files.items():
            blob = subprocess.run(
                ["git", "--no-replace-objects", "cat-file", "blob", f"main:{name}"],
                cwd=self._work.folder,
                capture_output=True,
                check=False,
            )
            if blob.returncode or blob.stdout != content:
                self._breaches.append(f"{name} is not the file that was committed")
        committed = self._work.git("ls-tree", "-r", "--name-only", "main").splitlines()
        for name in committed:
            if name.startswith("g2c/") and name not in files:
                self._breaches.append(f"{name} was committed and is missing")

    def _payload_files(self) -> Path:
        folder = self._folder / "payload"
        for name, content in self._attack.with_token(self._token).items():
            text = content.replace(b"@PROOF@", str(self._proof).encode())
            text = text.replace(b"@LISTENER@", self._listener.address.encode())
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text)
        return folder


def _make(work: Workplace, payload: Path) -> None:
    """Make the repository hostile; this is the student's own machine, so nothing guards it."""
    done = subprocess.run(
        ["sh", "-e", str(payload / "make.sh")],
        cwd=work.folder,
        env={**work._environment(), "PAYLOAD": str(payload), "GIT_ALLOW_PROTOCOL": "file:ext:http"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise GraderError(f"the payload can't be made: {done.stderr}")


@contextmanager
def channel() -> Iterator[GitChannel]:
    """Yield the channel, with a service that runs."""
    with running_site() as site:
        yield GitChannel(site)
