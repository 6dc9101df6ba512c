"""From a folder to the archive that is sent: what intake would ignore or refuse by its kind stays at home.

The archive is made of the contents alone: the same files give the same bytes, wherever and whenever.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from grader.client.endings import Ending, Exit
from grader.errors import RejectedError
from grader.judging.result import Rejection
from grader.submissions.folder_reader import read_folder
from grader.submissions.intake import Intake, Kind
from grader.submissions.limits import MIB, IntakeLimits

# Passwords, tokens and private keys are no part of the work, and staff and reports would see them.
SECRETS = (
    *(".env", ".env.*", ".netrc", ".npmrc", ".pypirc", ".git-credentials", "*.pem"),
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"),
)
_LEFT_OUT = {"link", "special-file", "setuid", "off-limits-file", "secret"}
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """An archive ready to be sent; `files` counts what is in it, 0 if it was packed by someone else.

    `ignored` are leftovers that stay at home, `left_out` entries that intake would refuse, and why.
    """

    content: bytes
    filename: str
    files: int = 0
    ignored: tuple[str, ...] = ()
    left_out: tuple[Rejection, ...] = ()


def pack(path: Path, reports: Collection[Path] = (), limits: IntakeLimits | None = None) -> Package:
    """Pack the folder at `path`, or read the archive there; Ending if it is too big or can't be handed in.

    `reports` are files that this program writes: last time's are no part of the work, which is the same.
    """
    limits = limits or IntakeLimits()
    if path.is_dir():
        package = _pack_folder(path, reports, limits)
    else:
        try:
            with path.open("rb") as file:
                package = Package(file.read(limits.archive_bytes + 1), path.name)
        except OSError as error:
            raise Ending(Exit.USAGE, f"{path} can't be read: {error.strerror}") from error
    if len(package.content) > limits.archive_bytes:
        text = (
            f"{package.filename} is larger than {limits.archive_bytes // MIB} MiB. Leave out data sets, "
            "saved models and environments such as .venv."
        )
        raise _rejected((Rejection("archive-too-big", "", text),))
    return package


def _pack_folder(folder: Path, reports: Collection[Path], limits: IntakeLimits) -> Package:
    intake = _Packing(limits, _LEFT_OUT)
    try:
        read_folder(folder, intake)
    except RejectedError as error:
        raise _rejected(tuple(error.rejections)) from error
    if intake.rejections:
        raise _rejected(tuple(intake.rejections))
    for report in reports:
        intake.files.pop(Path(os.path.relpath(report, folder)).as_posix(), None)
    if not intake.files:
        raise _rejected((Rejection("empty", "", f"There are no files to hand in, in {folder}."),))
    return Package(
        _zip(intake.files),
        f"{folder.resolve().name or 'submission'}.zip",
        len(intake.files),
        intake.ignored,
        tuple(intake.left_out),
    )


class _Packing(Intake):
    def admit(self, name: str, kind: Kind, size: int = 0) -> str | None:
        """Decide as intake does, but take nothing whose name is one of `SECRETS`."""
        last = name.rsplit("/", 1)[-1].lower()
        if any(fnmatchcase(last, secret) for secret in SECRETS):
            self.refuse("secret", name, f"{name} may hold passwords or keys, and is not needed.")
            return None
        return super().admit(name, kind, size)


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _FIRST_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: what the mode below means
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _rejected(rejections: tuple[Rejection, ...]) -> Ending:
    return Ending(Exit.REJECTED, "Nothing was sent: this can't be handed in.", rejections)
