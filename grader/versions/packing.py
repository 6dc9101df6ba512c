"""A unit's files as bytes, from a units root and from a zip, and as a zip that is always the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.errors import RejectedError
from grader.submissions.intake import Intake
from grader.submissions.limits import IntakeLimits
from grader.submissions.zip_reader import read_zip
from grader.units import LEFTOVERS

FOLDERS = ("hidden_tests", "student_template", "reference")
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever and wherever the zip is made


def files_of(root: Path, unit: str) -> dict[str, bytes]:
    """Return the unit's files below the root, by path: `hidden_tests/nn/unit.toml`."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder / unit).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and not any(part in LEFTOVERS for part in relative.parts):
                found[relative.as_posix()] = path.read_bytes()
    return found


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip: the same files, the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _FIRST_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def unpacked(content: bytes, unit: str) -> dict[str, bytes]:
    """Read a version's zip as strictly as a student's; one folder around everything is taken off.

    Raises RejectedError with all that is wrong: the zip, its names and sizes, or that it holds something else
    than the unit's three folders.
    """
    intake = Intake(IntakeLimits())
    if len(content) > intake.limits.archive_bytes:
        raise intake.abort("archive-too-big", "", "The zip is larger than a version may be.")
    read_zip(content, intake)
    files = _without_outer_folder(intake.files)
    expected = tuple(f"{folder}/{unit}/" for folder in FOLDERS)
    for path in files:
        if not path.startswith(expected):
            intake.refuse("not-of-the-unit", path, f"A version holds {', '.join(expected)} and nothing else.")
    for folder in expected:
        if not any(path.startswith(folder) for path in files):
            intake.refuse("missing", folder, f"{folder} is missing.")
    if intake.rejections:
        raise RejectedError(intake.rejections)
    return files


def write(files: Mapping[str, bytes], root: Path) -> None:
    """Write the files below the root; those that begin with `#!` are programs."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if content.startswith(b"#!"):
            path.chmod(0o755)


def _without_outer_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    outer = {path.partition("/")[0] for path in files}
    if len(outer) == 1 and not outer & set(FOLDERS):
        return {path.partition("/")[2]: content for path, content in files.items() if "/" in path}
    return dict(files)
