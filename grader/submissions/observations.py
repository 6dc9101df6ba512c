"""What staff or the student should know about an accepted hand-in. None of it costs points."""

from __future__ import annotations

import io
import sys
import tokenize
from collections.abc import Mapping

from grader.judging.result import ReviewFlag
from grader.submissions.package import ARCHIVE_ENDINGS

TEST_SET_UP = ("conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml")
LARGE_FILE_STORAGE_POINTER = b"version https://git-lfs.github.com/spec/"
LIBRARIES = frozenset({"numpy", "pip", "pytest", "setuptools", "torch", "torchvision"})
COMMON_PROJECT_NAMES = frozenset({"code", "test", "this"})
MODULE_NAMES = (sys.stdlib_module_names | LIBRARIES) - COMMON_PROJECT_NAMES
MAX_NAMES_IN_A_NOTE = 5
# Others are not tried: some of Python's decoders take for ever, and a file may declare any.
USUAL_ENCODINGS = frozenset(
    {"utf-8-sig", "ascii", "iso-8859-1", "iso-8859-15", "cp1250", "cp1251", "cp1252", "gbk", "big5", "koi8-r"}
)


def notes_on(files: Mapping[str, bytes], package: str) -> tuple[str, ...]:
    """Return remarks for the student, each a plain sentence."""
    initial = f"{package.replace('.', '/')}/__init__.py"
    groups = (
        (
            "Grading brings its own tests and does not use yours",
            [
                path
                for path in files
                if path.rpartition("/")[2] in TEST_SET_UP or "tests" in path.split("/")[:-1]
            ],
        ),
        (
            "Archives inside the hand-in are not opened",
            [path for path in files if path.lower().endswith(ARCHIVE_ENDINGS)],
        ),
        (
            "Python may refuse these files, as they are not UTF-8 text; save them as UTF-8",
            [path for path, content in files.items() if path.endswith(".py") and not _is_readable(content)],
        ),
        (
            "Only a Git LFS pointer was handed in, not the file itself",
            [path for path, content in files.items() if content.startswith(LARGE_FILE_STORAGE_POINTER)],
        ),
    )
    notes = [f"{text}: {_listed(paths)}." for text, paths in groups if paths]
    if initial not in files:
        notes.append(f"{initial} is missing, so `from {package} import …` finds no names.")
    return tuple(notes)


def review_of(files: Mapping[str, bytes]) -> tuple[ReviewFlag, ...]:
    """Flag top-level modules that bear the name of a library.

    They can't take its place, because the sandbox searches the hand-in last; but staff should know.
    """
    first: dict[str, str] = {}
    for path in sorted(files):
        parts = path.split("/")
        if path.endswith(".py") and len(parts) <= 2:
            name = parts[0].removesuffix(".py")
            if name in MODULE_NAMES:
                first.setdefault(name, path)
    return tuple(
        ReviewFlag(
            "shadows-module", path, 0, f"{path} bears the name of the library {name}; it is never imported."
        )
        for name, path in first.items()
    )


def _is_readable(content: bytes) -> bool:
    """Whether a source file is UTF-8, or in a usual encoding that it declares in its first lines."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        content.decode(encoding if encoding in USUAL_ENCODINGS else "utf-8")
    except (SyntaxError, UnicodeDecodeError):
        return False
    return True


def _listed(paths: list[str]) -> str:
    names = ", ".join(sorted(paths)[:MAX_NAMES_IN_A_NOTE])
    more = len(paths) - MAX_NAMES_IN_A_NOTE
    return f"{names} and {more} more" if more > 0 else names
