"""Who owns a sandbox: a folder with a lock that dies with its owner.

Theory of operation. Every sandbox has a lease: a private folder, named after it, that holds a
locked file. The kernel drops the lock when the owner dies, however it dies, so a lease
that can be locked by another is a dead grader's, and what it names can be cleared away. Folders
are made and judged under one lock, so a half-made lease is never taken for a dead one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import SandboxError


def leases_folder() -> Path:
    """Return this user's folder of leases; its path is short, since sockets live in it."""
    if os.geteuid() == 0:
        return Path("/run/grader-sandboxes")
    return Path(tempfile.gettempdir()) / f"grader-sandboxes-{os.geteuid()}"


class Lease:
    """A private folder (mode 0700) that is ours until `release` or until we die."""

    def __init__(self, folder: Path, lock: int):
        self.folder = folder
        self._lock = lock

    @property
    def name(self) -> str:
        """The lease's name, unique among the sandboxes that exist."""
        return self.folder.name

    def release(self) -> None:
        """Remove the folder and all that is in it; idempotent."""
        if self._lock >= 0:
            with _folder_locked():  # else the lock in it may be gone while others judge what is left
                shutil.rmtree(self.folder)
                self.abandon()

    def abandon(self) -> None:
        """Hold it no longer and leave its folder, as if we had died; nothing happens once it is released."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def take(names: Iterable[str]) -> Lease:
    """Lease the first of these names that is free; SandboxError if none is."""
    with _folder_locked() as folder:
        for name in names:
            with contextlib.suppress(FileExistsError):
                (folder / name).mkdir(mode=0o700)
                return Lease(folder / name, _lock(folder / name))
    raise SandboxError("Too many sandboxes at once: no free name is left.")


@contextlib.contextmanager
def dead(prefix: str) -> Iterator[list[Lease]]:
    """Lease what dead graders held under names that begin with `prefix`, to clear it away.

    What the block does not release, because it failed, is a dead grader's again.
    """
    with contextlib.ExitStack() as stack:
        found = []
        with _folder_locked() as folder:
            for held in sorted(folder.glob(f"{prefix}*/")):
                with contextlib.suppress(BlockingIOError):
                    found.append(Lease(held, _lock(held)))
                    stack.callback(found[-1].abandon)
        yield found


def _lock(folder: Path) -> int:
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise
    return lock


@contextlib.contextmanager
def _folder_locked() -> Iterator[Path]:
    folder = leases_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid() or folder.stat().st_mode & 0o077:
        raise SandboxError(f"{folder} must belong to the grader alone.\nTo fix it: rm -r {folder}")
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)
