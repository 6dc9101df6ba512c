"""Finds the package folder among the files of a hand-in.

Students hand in the project folder, its parent, a download from GitHub (`repo-main/…`), a `src`
layout, or just the content of the package folder. All are accepted as long as there is one answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.judging.result import Rejection

ARCHIVE_ENDINGS = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


@dataclass(frozen=True)
class Placement:
    """Where the package is: every path below `prefix` moves to `target` + the rest of the path."""

    prefix: str
    target: str
    notes: tuple[str, ...]

    def place(self, path: str) -> str | None:
        """Return `path` relative to the package's parent; None for files that lie elsewhere."""
        return self.target + path.removeprefix(self.prefix) if path.startswith(self.prefix) else None


def locate(
    paths: Collection[str], package: str, required_files: Sequence[str], max_depth: int
) -> Placement | list[Rejection]:
    """Find the folder of the dotted `package` among `paths`; return the problems if there is not just one."""
    wanted = package.replace(".", "/")
    folders = _folders_with_source(paths, max_depth + wanted.count("/") + 1)
    found = [folder for folder in folders if folder == wanted or folder.endswith("/" + wanted)]
    notes: list[str] = []
    if not found:
        found = _bare_folders(paths, folders, required_files)
        notes.append(
            f"The content of {wanted} was handed in without its parent folders; it is graded as {wanted}."
        )
    if not found:
        return [_missing(paths, wanted, required_files)]
    if len(found) > 1:
        places = ", ".join(found[:5])
        text = f"The package {wanted} is there more than once: {places}. Hand in only the one to be graded."
        return [Rejection("package-ambiguous", found[0], text)]
    (folder,) = found
    missing = [_file_missing(folder, name) for name in required_files if not _provides(paths, folder, name)]
    if missing:
        return missing
    if not notes:
        prefix = folder.removesuffix(wanted)
        if prefix:
            notes.append(f"The package was found in {prefix.rstrip('/')}.")
        return Placement(prefix, "", tuple(notes))
    return Placement(f"{folder}/" if folder else "", f"{wanted}/", tuple(notes))


def _folders_with_source(paths: Collection[str], max_depth: int) -> list[str]:
    folders = {path.rpartition("/")[0] for path in paths if path.endswith(".py")}
    return sorted(folder for folder in folders if folder.count("/") < max_depth)


def _provides(paths: Collection[str], folder: str, name: str) -> bool:
    """Whether the folder has the file `x.py`, or a package `x/` that imports the same."""
    place = f"{folder}/{name}" if folder else name
    return place in paths or f"{place.removesuffix('.py')}/__init__.py" in paths


def _bare_folders(paths: Collection[str], folders: list[str], required_files: Sequence[str]) -> list[str]:
    """Return the folders that look like the package itself: most of its files are in them."""
    counts = {folder: sum(_provides(paths, folder, name) for name in required_files) for folder in folders}
    most = max(counts.values(), default=0)
    if most * 2 < len(required_files) or most == 0:
        return []
    return [folder for folder, count in counts.items() if count == most]


def _file_missing(folder: str, name: str) -> Rejection:
    place = f"{folder}/{name}" if folder else name
    return Rejection(
        "file-missing", place, f"{place} is missing. Add it, even if it is not finished, and pack again."
    )


def _missing(paths: Collection[str], wanted: str, required_files: Sequence[str]) -> Rejection:
    text = (
        f"There is no folder {wanted} with {', '.join(required_files)} in it. "
        "Hand in your whole project folder."
    )
    inner = sorted(path for path in paths if path.lower().endswith(ARCHIVE_ENDINGS))
    if inner:
        text += f" There is another archive inside ({inner[0]}); if your work is in it, hand in that one."
    return Rejection("package-missing", wanted, text)
