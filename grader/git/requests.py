"""A push as the client asks for it: which references shall name what, read before git sees it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import IO

from grader.git.environment import DEFAULT_BRANCH
from grader.git.limits import GitLimits
from grader.git.pkt_lines import MalformedRequest, read_pkt_line

NOTHING = "0" * 40
COMMAND = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) ([^\x00-\x20\x7f]+)")  # git allows no such characters
SHALLOW = re.compile(rb"shallow [0-9a-f]{40}\n?")
PACK_HEADER = struct.Struct(">4sII")


@dataclass(frozen=True)
class Command:
    """One reference's change from `old` to `new`; NOTHING means that it is made or deleted."""

    old: str
    new: str
    reference: str

    @property
    def is_deletion(self) -> bool:
        """Whether the reference shall be gone."""
        return self.new == NOTHING


@dataclass(frozen=True)
class PushRequest:
    """What a push asks for: its commands, what the client can do, and the number of objects that follow.

    `is_shallow`: it comes from a clone that does not have the whole history.
    """

    commands: tuple[Command, ...]
    capabilities: frozenset[str]
    objects: int
    is_shallow: bool = False

    @property
    def handed_in(self) -> str | None:
        """The commit that the default branch shall name: what is handed in; None if it is not pushed."""
        wanted = (c.new for c in self.commands if c.reference == DEFAULT_BRANCH and not c.is_deletion)
        return next(wanted, None)

    @property
    def shows_lines(self) -> bool:
        """Whether the client shows what is sent beside the answer."""
        return "side-band-64k" in self.capabilities


def read_request(file: IO[bytes], limits: GitLimits) -> PushRequest:
    """Return what the push in `file` asks for; MalformedRequest if it makes no sense.

    A client that tries out the connection sends no command at all.
    """
    commands: list[Command] = []
    capabilities: frozenset[str] = frozenset()
    is_shallow = False
    while (line := read_pkt_line(file)) is not None:
        if file.tell() > limits.commands_bytes:
            raise MalformedRequest("the list of references is too long")
        if SHALLOW.fullmatch(line) and not commands:
            is_shallow = True
            continue
        command, separator, rest = line.partition(b"\0")
        if separator and not commands:
            capabilities = frozenset(rest.decode("ascii", "replace").split())
        match = COMMAND.fullmatch(command.rstrip(b"\n"))
        if match is None:
            raise MalformedRequest("this kind of push is not supported")
        old, new, reference = match.groups()
        commands.append(Command(old.decode(), new.decode(), reference.decode("utf-8", "surrogateescape")))
    header = file.read(PACK_HEADER.size)
    objects = 0
    if len(header) == PACK_HEADER.size:
        signature, _, objects = PACK_HEADER.unpack(header)
        if signature != b"PACK":
            raise MalformedRequest("there is no pack")
    elif any(not command.is_deletion for command in commands):
        raise MalformedRequest("the pack is cut off")
    return PushRequest(tuple(commands), capabilities, objects, is_shallow)
