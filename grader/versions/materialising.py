"""Laying a version out on disk as a units root, by any number of processes at once."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.db.models import UnitVersion
from grader.errors import RejectedError, UnitError
from grader.units import unit_digest
from grader.versions.packing import unpacked, write

FOLDER = "units"
_NEW, _DAMAGED = ".new-", ".damaged-"
_LOCK = ".lock"
_UNUSED_S = 3600.0  # what a process that was killed has left behind is removed after so long


def materialised(version: UnitVersion, data_dir: Path) -> Path:
    """Return the units root that holds this version, laid out now if it is not there yet.

    It is compared with the version's digest each time, and laid out anew if it was damaged. Raises UnitError
    if the version's files were never stored, or are damaged.
    """
    target = data_dir / FOLDER / version.digest.removeprefix("sha256:")
    if _is_whole(target, version):
        return target
    if version.content is None:
        raise UnitError(
            f"The files of version {short(version.digest)} of unit {version.unit} are not stored."
        )
    try:
        files = unpacked(version.content, version.unit)
    except RejectedError as error:  # our zip: nobody is to take it for a hand-in that was refused
        raise UnitError(f"The stored files of unit {version.unit} are damaged: {error}") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(target.parent):
        if not _is_whole(target, version):
            _lay_out(files, version, target)
    return target


def short(digest: str) -> str:
    """Return the beginning of a digest that tells versions apart: `5f0c2a8d7be1`."""
    return digest.removeprefix("sha256:")[:12]


def _is_whole(root: Path, version: UnitVersion) -> bool:
    try:
        return root.is_dir() and unit_digest(root, version.unit) == version.digest
    except FileNotFoundError:  # whoever holds the lock is moving it aside
        return False


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process or thread at a time lay out versions in the folder."""
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lay_out(files: dict[str, bytes], version: UnitVersion, target: Path) -> None:
    """Put the files at `target`, all at once, in place of what is damaged there."""
    _remove_leavings(target.parent)
    made = Path(tempfile.mkdtemp(prefix=_NEW, dir=target.parent))
    try:
        write(files, made)
        if not _is_whole(made, version):
            raise UnitError(f"The stored files of unit {version.unit} are not those of {version.digest}.")
        if target.exists():
            target.rename(Path(tempfile.mkdtemp(prefix=_DAMAGED, dir=target.parent)) / "units")
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _remove_leavings(folder: Path) -> None:
    for path in folder.glob(".*-*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _UNUSED_S:
                shutil.rmtree(path, ignore_errors=True)
