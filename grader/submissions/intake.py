"""The one place that decides what becomes of each entry: refused, ignored or kept."""

from __future__ import annotations

import enum
from collections.abc import Collection

from grader.errors import RejectedError
from grader.judging.result import Rejection
from grader.submissions import names
from grader.submissions.limits import MIB, IntakeLimits

MAX_REJECTIONS = 50


class Kind(enum.Enum):
    """What an entry is, as its reader sees it."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"
    SETUID = "setuid"


REFUSED_KINDS = {
    Kind.LINK: ("link", "is a link. Replace it by a copy of the file it points to."),
    Kind.SPECIAL: ("special-file", "is a device, pipe or socket. Hand in ordinary files only."),
    Kind.SETUID: (
        "setuid",
        "has the set-user-ID or set-group-ID bit. Run `chmod ug-s` on it and pack again.",
    ),
}


class Intake:
    """Collects the kept files, the ignored leftovers and the problems of one hand-in.

    A reader calls `admit` for each entry and, if told a path, `keep` with its content. `left_out_codes` are
    those of problems that reject nothing, however many there are: `left_out` lists them, the rest is kept.
    """

    def __init__(self, limits: IntakeLimits, left_out_codes: Collection[str] = ()):
        self.limits = limits
        self.left_out: list[Rejection] = []
        self.files: dict[str, bytes] = {}
        self.refused: set[str] = set()
        self.rejections: list[Rejection] = []
        self.notes: list[str] = []
        self.names_were_unsafe = False
        self._left_out_codes = left_out_codes
        self._ignored: set[str] = set()
        self._spellings: dict[str, tuple[str, Kind]] = {}
        self._entries = 0
        self._kept = 0
        self._total_bytes = 0

    @property
    def ignored(self) -> tuple[str, ...]:
        """Leftovers that were skipped: a folder stands for all it holds."""
        return tuple(sorted(self._ignored))

    def refuse(self, code: str, path: str, text: str) -> None:
        """Record a problem and go on; RejectedError once there are too many to be useful."""
        if code in self._left_out_codes:
            self.left_out.append(Rejection(code, names.shown(path), text))
            return
        self.rejections.append(Rejection(code, names.shown(path), text))
        if len(self.rejections) >= MAX_REJECTIONS:
            raise RejectedError(self.rejections)

    def abort(self, code: str, path: str, text: str) -> RejectedError:
        """Record a problem after which reading on makes no sense; return the error to raise."""
        self.rejections.append(Rejection(code, names.shown(path), text))
        return RejectedError(self.rejections)

    def admit(self, name: str, kind: Kind, size: int = 0) -> str | None:
        """Decide on the entry `name` of `size` bytes; return its path if its content is wanted.

        For a folder the path means "go into it". `size` is a promise: the reader must not
        `keep` more. Raises RejectedError when the hand-in as a whole is over a limit.
        """
        self._entries += 1
        if self._entries > self.limits.entries:
            raise self.too_many(self.limits.entries)
        if name.rsplit("/", 1)[-1] == names.MAC_FOLDER_ICON:
            return None
        if not self._is_safe(name):
            return None
        path = names.clean(name)
        leftover = names.leftover(path)
        if leftover:
            self._ignored.add(leftover)
            return None
        if not self._is_acceptable(path, kind, size):
            self.refused.add(path)
            return None
        if kind is Kind.FILE:
            self._count(size)
        return path

    def keep(self, path: str, content: bytes) -> None:
        """Store the content of a path that `admit` returned."""
        if names.is_path_configuration(path, content):
            self.refused.add(path)
            self.refuse(
                "off-limits-file", path, f"{path} is not accepted: it changes where Python looks for code."
            )
            return
        self.files[path] = content

    def _is_safe(self, name: str) -> bool:
        code, text = "", ""
        if "\\" in name:
            code = "backslash-path"
            text = (
                f"The name {names.shown(name)} holds a backslash, as old Windows packers write it. Make the "
                'zip again: right-click the folder in Explorer and choose "Send to", "Compressed folder".'
            )
        elif reason := names.unsafe_reason(name):
            code = "unsafe-path"
            text = f"The name {names.shown(name)} is not accepted: {reason}. Rename it and pack again."
        if code:
            self.names_were_unsafe = True
            self.refuse(code, name, text)
        return not code

    def _is_acceptable(self, path: str, kind: Kind, size: int) -> bool:
        limits, before = self.limits, len(self.rejections) + len(self.left_out)
        if len(path) > limits.path_chars:
            text = f"{names.shown(path)}: the path is longer than {limits.path_chars} characters. Shorten it."
            self.refuse("path-too-long", path, text)
        elif path.count("/") >= limits.path_depth:
            text = f"{path} lies more than {limits.path_depth} folders deep. Move it up."
            self.refuse("path-too-deep", path, text)
        elif kind in REFUSED_KINDS:
            code, text = REFUSED_KINDS[kind]
            self.refuse(code, path, f"{path} {text}")
        elif kind is Kind.FILE:
            if reason := names.off_limits_reason(path):
                self.refuse("off-limits-file", path, f"{path} is not accepted: {reason}.")
            if reason := names.unportable_reason(path):
                self.refuse("unsafe-path", path, f"The name {path} is not accepted: {reason}. Rename it.")
            if size > limits.file_bytes:
                text = (
                    f"{path} is larger than {limits.file_bytes // MIB} MiB. Leave data sets and saved "
                    "models out; the grader brings its own data."
                )
                self.refuse("file-too-big", path, text)
            self._check_collisions(path)
        return len(self.rejections) + len(self.left_out) == before

    def _check_collisions(self, path: str) -> None:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            prefix = "/".join(parts[:depth])
            mine = (prefix, Kind.FILE if depth == len(parts) else Kind.FOLDER)
            seen = self._spellings.setdefault(names.collision_key(prefix), mine)
            if seen is mine or (seen == mine and mine[1] is Kind.FOLDER):
                continue
            if seen == mine:
                self.refuse("duplicate-name", path, f"{path} is there twice. Pack again with one copy.")
            else:
                text = (
                    f"{prefix} and {seen[0]} are the same name on some computers. Rename one and pack again."
                )
                self.refuse("name-collision", path, text)
            return

    def _count(self, size: int) -> None:
        self._kept += 1
        self._total_bytes += size
        if self._kept > self.limits.files:
            raise self.too_many(self.limits.files)
        if self._total_bytes > self.limits.total_bytes:
            raise self.too_big()

    def too_big(self) -> RejectedError:
        """Return the error for a hand-in that unpacks to more than the limit."""
        return self.abort(
            "too-big",
            "",
            f"The hand-in unpacks to more than {self.limits.total_bytes // MIB} MiB. Leave out data sets, "
            "saved models and environments such as .venv.",
        )

    def too_many(self, limit: int) -> RejectedError:
        """Return the error for a hand-in of more than `limit` files."""
        return self.abort(
            "too-many-files",
            "",
            f"The hand-in holds more than {limit:,} files. Hand in the project folder only, without data "
            "sets and environments such as .venv.",
        )
