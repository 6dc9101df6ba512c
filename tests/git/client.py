"""A student's computer: a working folder, and the real git client that pushes from it."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.submissions.archives.packing import honest_tree

PATIENCE_S = 120


@dataclass
class Pushed:
    """How git ended: its exit code, and what it said on stderr."""

    code: int
    said: str

    @property
    def remote(self) -> list[str]:
        """The lines behind `remote:`."""
        lines = (line.removeprefix("remote:").strip() for line in self.said.splitlines())
        return [line for line in lines if line]


@dataclass
class Workplace:
    """A working folder with a clone's configuration; `address` holds name and token."""

    folder: Path
    address: str
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")
        self.git("remote", "add", "grader", self.address)

    def git(self, *arguments: str, check: bool = True, stdin: str = "") -> str:
        """Run git; return what it printed."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=self._environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, files: Mapping[str, bytes] | None = None, message: str = "Work") -> str:
        """Write the files (an honest hand-in by default), commit all, and return the commit's name."""
        for name, content in (honest_tree() if files is None else files).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start git and leave it running."""
        return subprocess.Popen(
            ["git", *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def push(self, *what: str) -> Pushed:
        """Push, `main` by default, to the end of what git shows."""
        process = self.start("push", "grader", *(what or ("main",)))
        _, said = process.communicate(timeout=PATIENCE_S)
        return Pushed(process.returncode, said)

    def credentials(self) -> tuple[str, str]:
        """The name and the token of the address."""
        found = urlsplit(self.address)
        return unquote(found.username or ""), found.password or ""

    def begin_push(self, part: bytes, *fields: str) -> socket.socket:
        """Begin to send a push by hand, with these fields about its body; return the connection, to go on."""
        found = urlsplit(self.address)
        pair = ":".join(self.credentials())
        lines = (
            f"POST {found.path}/git-receive-pack HTTP/1.1",
            f"Host: {found.hostname}",
            f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type: application/x-git-receive-pack-request",
            "Connection: close",
            *fields,
        )
        connection = socket.create_connection((found.hostname, found.port), timeout=PATIENCE_S)
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode() + part)
        return connection

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            **self.environment,
        }
