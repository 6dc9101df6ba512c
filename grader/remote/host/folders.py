"""Emptying the writable folders, whatever a student's code has made of them, and noticing changes."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

FULL_SHARE = 0.98
OWNER_ONLY = 0o700


def is_full(directory: Path) -> bool:
    """Whether a file system of its own has no room left."""
    if not directory.is_mount():
        return False
    size = os.statvfs(directory)
    return size.f_bavail <= size.f_blocks * (1 - FULL_SHARE) or size.f_favail == 0


def empty(directory: Path) -> bool:
    """Remove all that is in a folder; return whether nothing is left.

    Folders within folders are moved up before they are opened: however deep they lie, no path gets
    long, nothing recurses and few descriptors are needed. Locked folders are unlocked.
    """
    if not directory.is_dir():
        return True
    numbers = itertools.count()
    try:
        while entries := list(directory.iterdir()):
            for entry in entries:
                if not _is_folder(entry):
                    entry.unlink()
                    continue
                entry.chmod(OWNER_ONLY)
                for inner in list(entry.iterdir()):
                    if _is_folder(inner):
                        inner.chmod(OWNER_ONLY)  # a locked folder can't be moved
                        inner.rename(_free_name(directory, numbers))
                    else:
                        inner.unlink()
                entry.rmdir()
    except OSError:
        return False
    return True


def fingerprint(directory: Path) -> frozenset[tuple[str, ...]] | None:
    """Return what changes with any change of the files in a folder; None if that can't be told."""
    found = []
    waiting = [directory]
    try:
        while waiting:
            place = waiting.pop()
            seen = place.lstat()
            numbers = (seen.st_ino, seen.st_mode, seen.st_size, seen.st_ctime_ns)
            found.append((str(place), *map(str, numbers)))
            if _is_folder(place):
                waiting += place.iterdir()
    except OSError:
        return None
    return frozenset(found)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _free_name(directory: Path, numbers: itertools.count[int]) -> Path:
    names = (directory / str(number) for number in numbers)
    return next(name for name in names if not (name.exists() or name.is_symlink()))
