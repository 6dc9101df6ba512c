"""Exceptions of the student's code, remade on the trusted side: always builtin types, with their place."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from grader.remote.wire.frames import ProtocolError

MAX_TEXT_CHARS = 4_000
MAX_NAME_CHARS = 200
MAX_FRAMES = 20


@dataclass(frozen=True)
class RemoteFrame:
    """One line of the student's code on the way to an error."""

    file: str
    line: int
    function: str
    source: str


def make_error(description: list[Any]) -> Exception:
    """Return an exception of a builtin type from what the host described; ProtocolError if malformed.

    Its `remote_frames` lists the student's lines that led to it, the outermost first. Exceptions
    that steer the caller (SystemExit, KeyboardInterrupt, StopIteration) come as a RuntimeError.
    """
    match description:
        case [str(builtin_name), str(own_name), str(text), errno, list(frames), _]:
            error = _builtin_error(builtin_name, own_name[:MAX_NAME_CHARS], text[:MAX_TEXT_CHARS], errno)
            error.remote_frames = [_frame(frame) for frame in frames[-MAX_FRAMES:]]  # type: ignore[attr-defined]
            return error
    raise ProtocolError("malformed error")


def _builtin_error(builtin_name: str, own_name: str, text: str, errno: object) -> Exception:
    kind = getattr(builtins, builtin_name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return RuntimeError(f"the code called {own_name}: {text}" if text else f"the code raised {own_name}")
    if issubclass(kind, (StopIteration, StopAsyncIteration)):
        return RuntimeError(f"the code raised {own_name}")  # it would end a test's loop in silence
    if own_name != builtin_name:
        text = f"{own_name}: {text}"
    try:
        return kind(errno, text) if issubclass(kind, OSError) and type(errno) is int else kind(text)
    except TypeError:
        return RuntimeError(f"{builtin_name}: {text}")


def _frame(frame: object) -> RemoteFrame:
    match frame:
        case [str(file), int(line), str(function), str(source)]:
            return RemoteFrame(
                file[:MAX_TEXT_CHARS], line, function[:MAX_NAME_CHARS], source[:MAX_TEXT_CHARS]
            )
    raise ProtocolError("malformed error")


def import_failure(cause: str, import_cpu_s: float) -> list[Any]:
    """Return the description of the error of an import that was cut short by `cause`."""
    name, text = {
        "timeout": (
            "TimeoutError",
            f"importing it took longer than {import_cpu_s:g} s: train inside functions only",
        ),
        "ended": ("ImportError", "importing it ended the process (for example with exit() or os._exit())"),
        "out_of_memory": ("MemoryError", "importing it needed more memory than there is"),
    }[cause]
    return [name, name, text, None, [], None]
