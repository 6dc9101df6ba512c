"""Reads the committed files of a bare git repository, running nothing that it carries.

The repository's own configuration, hooks, filters and attributes are never seen by git: git works in an
empty repository made for the purpose and only borrows the object store. HEAD is resolved
here, so that no name in the repository reaches git's command line.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from grader import git_sandbox
from grader.errors import RejectedError, UsageError
from grader.git_sandbox import Access
from grader.submissions.git_isolation import isolated_environment
from grader.submissions.intake import Intake, Kind
from grader.submissions.names import shown

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

COMMIT = re.compile(r"[0-9a-f]{40}")
BRANCH_REFERENCE = re.compile(
    r"ref: (refs/heads/[A-Za-z0-9_][A-Za-z0-9_.+@-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+@-]*)*)"
)
TREE_ENTRY = re.compile(rb"(\d{6}) (blob|commit|tree) ([0-9a-f]{40}) +(\d+|-)\t(.+)", re.DOTALL)
MAX_REFERENCES_BYTES = 4 * 1024**2
MAX_RECORD_BYTES = 64 * 1024
MAX_NOTES = 20

SYMLINK_MODE, SUBMODULE_MODE = b"120000", b"160000"


def is_bare_repository(path: Path) -> bool:
    """Whether `path` is a bare git repository (`repo.git`)."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def read_repository(path: Path, intake: Intake) -> None:
    """Offer every file committed at HEAD of the bare repository `path` to `intake`.

    Raises RejectedError if the repository is damaged, empty, borrows objects from another one
    or exceeds a limit, and UsageError if git is not installed.
    """
    objects = path / "objects"
    if objects.is_symlink() or (objects / "info" / "alternates").exists():
        text = "The repository borrows its content from another one. Run `git repack -ad` in it."
        raise intake.abort("git-alternates", "", text)
    read_commit(objects, _head_commit(path, intake), intake)


def read_commit(objects: Path, commit: str, intake: Intake, others: Sequence[Path] = ()) -> None:
    """Offer every file of a commit to `intake`; its objects are in the store `objects` or one of `others`.

    `commit` is 40 hexadecimal digits. Raises as `read_repository` does.
    """
    with tempfile.TemporaryDirectory(prefix="grader-git-") as empty:
        _make_empty_repository(Path(empty))
        git = _Git(Path(empty), [objects, *others], intake)
        _read_blobs(git, list(_tree(git, commit, intake)), intake)


def _unreadable(intake: Intake) -> RejectedError:
    text = "The git repository is damaged or has an unusual form. Clone it afresh and hand in the clone."
    return intake.abort("git-unreadable", "", text)


def _head_commit(path: Path, intake: Intake) -> str:
    head = _small_text(path / "HEAD", intake).strip()
    reference = BRANCH_REFERENCE.fullmatch(head)
    if reference is None:
        commit = head
    elif (path / reference[1]).is_file():
        commit = _small_text(path / reference[1], intake).strip()
    else:
        packed = path / "packed-refs"
        lines = _small_text(packed, intake).splitlines() if packed.is_file() else []
        found = [line[:40] for line in lines if line[41:] == reference[1]]
        if not found:
            raise intake.abort(
                "empty", "", "The git repository has no commit yet. Commit your work and push."
            )
        commit = found[0]
    if not COMMIT.fullmatch(commit):
        raise _unreadable(intake)
    return commit


def _small_text(path: Path, intake: Intake) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_REFERENCES_BYTES + 1)
    if len(data) > MAX_REFERENCES_BYTES:
        raise _unreadable(intake)
    return data.decode("utf-8", "replace")


def _make_empty_repository(place: Path) -> None:
    (place / "objects").mkdir()
    (place / "refs").mkdir()
    (place / "HEAD").write_text("ref: refs/heads/none\n")
    (place / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")


class _Git:
    """Runs git on the borrowed object stores, with time and memory capped."""

    def __init__(self, empty: Path, stores: Sequence[Path], intake: Intake):
        self._intake = intake
        self._empty = empty
        self._access = Access(reads=[empty, *stores])
        self._environment = {
            **isolated_environment(empty),
            "GIT_DIR": str(empty),
            "GIT_OBJECT_DIRECTORY": str(stores[0].resolve()),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(
                f'"{store.resolve()}"' for store in stores[1:]
            ),
        }

    @contextmanager
    def run(self, *arguments: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Yield git's (stdin, stdout); RejectedError if it fails, or is killed for taking too long."""
        try:
            process = git_sandbox.start(
                ["git", "--no-replace-objects", "-c", "core.fsmonitor=false", *arguments],
                self._access,
                cwd=self._empty,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise UsageError("Reading a git repository needs git. Install it, or hand in a .zip.") from None
        assert process.stdin is not None and process.stdout is not None
        memory = self._intake.limits.git_memory_bytes
        if hasattr(resource, "prlimit"):
            resource.prlimit(process.pid, resource.RLIMIT_AS, (memory, memory))
        watchdog = threading.Timer(self._intake.limits.git_s, process.kill)
        watchdog.start()
        try:
            yield process.stdin, process.stdout
            process.stdin.close()
            if process.stdout.read(1) or process.wait() != 0:
                raise _unreadable(self._intake)
        except BrokenPipeError:
            raise _unreadable(self._intake) from None
        finally:
            watchdog.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
            with suppress(BrokenPipeError):  # git may be gone, and what was buffered for it with it
                process.stdin.close()


def _tree(git: _Git, commit: str, intake: Intake) -> Iterator[tuple[str, str, int]]:
    """Yield (blob id, path, size) for every wanted file of the commit."""
    with git.run("ls-tree", "-r", "-t", "-l", "-z", "--full-tree", commit) as (_, output):
        for record in _records(output, intake):
            entry = TREE_ENTRY.fullmatch(record)
            if entry is None:
                raise _unreadable(intake)
            mode, kind, blob, size, raw_path = entry.groups()
            path = raw_path.decode("utf-8", "surrogateescape")
            if mode == SUBMODULE_MODE:
                if intake.admit(path, Kind.FOLDER) is not None and len(intake.notes) < MAX_NOTES:
                    intake.notes.append(
                        f"{shown(path)} is a git submodule; its files are not part of the hand-in."
                    )
            elif kind == b"tree":
                intake.admit(path, Kind.FOLDER)
            elif mode == SYMLINK_MODE:
                intake.admit(path, Kind.LINK)
            elif (wanted := intake.admit(path, Kind.FILE, int(size))) is not None:
                yield blob.decode(), wanted, int(size)


def _records(output: IO[bytes], intake: Intake) -> Iterator[bytes]:
    """Yield git's NUL-terminated records."""
    buffer = b""
    while chunk := output.read1(MAX_RECORD_BYTES):  # type: ignore[attr-defined]
        *records, buffer = (buffer + chunk).split(b"\0")
        yield from records
        if len(buffer) > MAX_RECORD_BYTES:
            raise _unreadable(intake)
    if buffer:
        raise _unreadable(intake)


def _read_blobs(git: _Git, wanted: list[tuple[str, str, int]], intake: Intake) -> None:
    with git.run("cat-file", "--batch") as (requests, output):
        for blob, path, size in wanted:
            requests.write(blob.encode() + b"\n")
            requests.flush()
            if output.readline(200) != f"{blob} blob {size}\n".encode():
                raise _unreadable(intake)
            content = output.read(size)
            if len(content) != size or output.read(1) != b"\n":
                raise _unreadable(intake)
            intake.keep(path, content)
