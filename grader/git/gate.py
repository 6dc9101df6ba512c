"""The question that git's pre-receive hook asks, and the answer, over a socket that both ends inherited.

Question: the folder of the objects in quarantine, then a line `OLD NEW REFERENCE` each, then an empty line.
Answer: `go on` or `refuse`, then lines for people. The end of the stream without a question means that git
ended without asking: it had refused the push itself.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.git.limits import GitLimits
from grader.git.requests import Command

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Question:
    """Whether the references may be changed; `quarantine` is the store of the objects that came with it."""

    quarantine: Path
    commands: tuple[Command, ...]


@dataclass(frozen=True)
class Verdict:
    """The answer, and lines for whoever pushes."""

    goes_on: bool
    lines: Sequence[str] = ()


def serve_gate(channel: socket.socket, decide: Callable[[Question], Verdict], limits: GitLimits) -> None:
    """Answer git's question, if it asks; returns when git has asked or ended.

    An exception of `decide` refuses the push. Raises TimeoutError if git does neither in its time.
    """
    channel.settimeout(limits.git_s)
    question = _read_question(channel, limits)
    if question is None:
        return
    verdict = Verdict(False)
    try:
        verdict = decide(question)
    finally:
        words = "go on" if verdict.goes_on else "refuse"
        text = "".join(f"{line}\n" for line in (words, *verdict.lines))
        try:
            channel.sendall(text.encode("utf-8", "replace"))
            channel.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # git has ended meanwhile: it refuses by itself


def _read_question(channel: socket.socket, limits: GitLimits) -> Question | None:
    data = b""
    while not data.endswith(b"\n\n"):
        piece = channel.recv(PIECE_BYTES)
        if not piece or len(data) > 2 * limits.commands_bytes:
            return None
        data += piece
    quarantine, *lines = data.removesuffix(b"\n\n").split(b"\n")
    commands = (line.decode("utf-8", "surrogateescape").split(" ", 2) for line in lines)
    return Question(Path(os.fsdecode(quarantine)), tuple(Command(*parts) for parts in commands))
