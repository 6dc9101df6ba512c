"""A student's exception as plain data: its type, its text, and where in the submission it came from."""

from __future__ import annotations

import os
import traceback
from typing import Any

MAX_ERROR_CHARS = 4_000
MAX_TRACEBACK_FRAMES = 8


def describe_error(error: BaseException, submission_dir: str) -> list[Any]:
    """Return [builtin type, own type, text, errno, frames in the submission, the test's ticket]."""
    nearest = next(t for t in type(error).__mro__ if t.__module__ == "builtins")
    frames = [
        [os.path.relpath(f.filename, submission_dir), f.lineno or 0, f.name, f.line or ""]
        for f in traceback.extract_tb(error.__traceback__)
        if f.filename.startswith(submission_dir)
    ]
    if isinstance(error, SyntaxError) and str(error.filename).startswith(submission_dir):
        name = os.path.relpath(str(error.filename), submission_dir)
        frames.append([name, error.lineno or 0, "<module>", (error.text or "").strip()])
    return [
        nearest.__name__,
        type(error).__name__,
        _text(error)[:MAX_ERROR_CHARS],
        error.errno if isinstance(error, OSError) else None,
        frames[-MAX_TRACEBACK_FRAMES:],
        getattr(error, "_peer_ticket", None),
    ]


def _text(error: BaseException) -> str:
    try:
        return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    except Exception:
        return "(its text can't be shown)"
