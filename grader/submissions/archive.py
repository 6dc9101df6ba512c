"""The way in: a folder, .zip, .tar.gz or bare git repository becomes a `Submission`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import RejectedError, UsageError
from grader.judging.result import ReviewFlag
from grader.submissions.folder_reader import read_folder
from grader.submissions.git_reader import is_bare_repository, read_repository
from grader.submissions.intake import Intake
from grader.submissions.limits import MIB, IntakeLimits
from grader.submissions.observations import notes_on, review_of
from grader.submissions.package import locate
from grader.submissions.tar_reader import GZIP_SIGNATURE, looks_like_tar, read_tar
from grader.submissions.zip_reader import read_zip

__all__ = ["IntakeLimits", "Submission", "read_archive_bytes", "read_submission"]

ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
OTHER_ARCHIVES = {
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


@dataclass(frozen=True)
class Submission:
    """A hand-in as plain data.

    `files` maps POSIX paths, relative to the folder that holds the package's top folder, to
    contents. `digest` is `sha256:…` over `files`: the same code has the same digest however it was packed.
    `ignored` lists leftovers that were skipped, `notes` remarks for the student, `review` flags for staff.
    `elsewhere` maps what lies outside that folder, and so is not graded, by its path as it was handed in.
    """

    files: Mapping[str, bytes]
    digest: str
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    review: tuple[ReviewFlag, ...] = ()
    elsewhere: Mapping[str, bytes] = field(default_factory=dict)


def read_submission(
    path: Path, package: str, required_files: Sequence[str], limits: IntakeLimits | None = None
) -> Submission:
    """Read the hand-in at `path`: a folder, .zip, .tar.gz or bare git repository.

    `package` is dotted (`g2c.nn`); `required_files` are names in its folder. Of a working folder the files on
    disk count, of a bare repository those committed at HEAD. Raises RejectedError with all
    problems found, and UsageError if there is nothing at `path`.
    """
    intake = Intake(limits or IntakeLimits())
    if path.is_dir():
        if is_bare_repository(path):
            read_repository(path, intake)
        else:
            read_folder(path, intake)
    elif path.is_file():
        with path.open("rb") as file:
            data = file.read(intake.limits.archive_bytes + 1)
        _read_archive(data, path.name, intake)
    else:
        raise UsageError(f"There is no file or folder {path}.")
    return _submission(intake, package, required_files)


def read_archive_bytes(
    data: bytes,
    filename: str,
    package: str,
    required_files: Sequence[str],
    limits: IntakeLimits | None = None,
) -> Submission:
    """Read an uploaded archive; `filename` only appears in messages. Raises as `read_submission` does."""
    intake = Intake(limits or IntakeLimits())
    _read_archive(data, filename, intake)
    return _submission(intake, package, required_files)


def _read_archive(data: bytes, filename: str, intake: Intake) -> None:
    if not data:
        raise intake.abort("empty", filename, "The file is empty. Pack your project folder and try again.")
    if len(data) > intake.limits.archive_bytes:
        text = (
            f"The archive is larger than {intake.limits.archive_bytes // MIB} MiB. Leave out data sets, "
            "saved models and environments such as .venv."
        )
        raise intake.abort("archive-too-big", filename, text)
    if data.startswith(ZIP_SIGNATURES):
        read_zip(data, intake)
    elif data.startswith(GZIP_SIGNATURE) or looks_like_tar(data):
        read_tar(data, intake)
    else:
        raise _not_an_archive(data, filename, intake)


def _not_an_archive(data: bytes, filename: str, intake: Intake) -> RejectedError:
    for signature, name in OTHER_ARCHIVES.items():
        if data.startswith(signature):
            text = f"{name} archives can't be read here. Pack your project folder as .zip or .tar.gz."
            return intake.abort("unsupported-archive", filename, text)
    text = "The file is neither a .zip nor a .tar.gz. Pack your project folder as one of these."
    return intake.abort("not-an-archive", filename, text)


def _submission(intake: Intake, package: str, required_files: Sequence[str]) -> Submission:
    if not intake.files and not intake.rejections:
        raise intake.abort(
            "empty", "", "There are no files in the hand-in. Pack your project folder and try again."
        )
    placement = None
    if not intake.names_were_unsafe:  # a refused name may be what hides the package
        found = locate(
            intake.files.keys() | intake.refused, package, required_files, intake.limits.package_depth
        )
        if isinstance(found, list):
            intake.rejections.extend(found)
        else:
            placement = found
    if intake.rejections or placement is None:
        raise RejectedError(intake.rejections)
    placed = {placement.place(path): content for path, content in sorted(intake.files.items())}
    files = {path: content for path, content in placed.items() if path is not None}
    notes = [*intake.notes, *placement.notes, *notes_on(files, package)]
    elsewhere = {path: content for path, content in intake.files.items() if placement.place(path) is None}
    if elsewhere:
        number = len(elsewhere)
        notes.append(f"{number} files lie outside the folder that holds the package and are not used.")
    return Submission(files, _digest(files), intake.ignored, tuple(notes), review_of(files), elsewhere)


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        name = path.encode()
        digest.update(b"%d:%b%d:" % (len(name), name, len(content)))
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"
