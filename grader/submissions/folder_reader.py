"""Reads a folder on disk without following anything out of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.submissions.intake import Intake, Kind

# O_NOFOLLOW and O_NONBLOCK: if an entry is swapped for a link or a pipe after it was looked at,
# opening it fails or returns at once. Windows has neither, and needs O_BINARY.
OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_folder(root: Path, intake: Intake) -> None:
    """Offer every entry below `root` to `intake`, in a fixed order; RejectedError over a limit."""
    pending = [(root, "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            _unreadable(prefix.rstrip("/"), intake)
            continue
        for entry in entries:
            info = entry.stat(follow_symlinks=False)
            path = intake.admit(prefix + entry.name, _kind(info.st_mode), info.st_size)
            if path is None:
                continue
            if stat.S_ISDIR(info.st_mode):
                pending.append((Path(entry.path), path + "/"))
            else:
                _read_file(entry.path, path, info.st_size, intake)


def _kind(mode: int) -> Kind:
    if stat.S_ISDIR(mode):
        return Kind.FOLDER
    if stat.S_ISLNK(mode):
        return Kind.LINK
    if not stat.S_ISREG(mode):
        return Kind.SPECIAL
    return Kind.SETUID if mode & (stat.S_ISUID | stat.S_ISGID) else Kind.FILE


def _read_file(place: str, path: str, size: int, intake: Intake) -> None:
    try:
        with os.fdopen(os.open(place, OPEN_FLAGS), "rb") as file:
            content = file.read(size + 1)
    except OSError:
        _unreadable(path, intake)
        return
    if len(content) != size:
        intake.refuse("unreadable", path, f"{path} changed while it was read. Try again.")
        return
    intake.keep(path, content)


def _unreadable(path: str, intake: Intake) -> None:
    intake.refuse("unreadable", path, f"{path or 'The folder'} can't be read. Check its permissions.")
