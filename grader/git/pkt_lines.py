"""The frames of git's protocol: pkt-lines, side bands, and the report on a push.

A pkt-line is its length in four hexadecimal digits, itself included, and the content; `0000` ends a section.
In an answer with side bands the first byte of the content says what it is: 1 the answer itself, 2 text for
people, which the client shows behind `remote:`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO

FLUSH = b"0000"
MAX_PAYLOAD_BYTES = 65_515  # of side-band-64k
ANSWER, PEOPLE = b"\x01", b"\x02"
KEEP_ALIVE = b"0005" + ANSWER  # an empty piece of the answer, as git sends it itself


class MalformedRequest(ValueError):
    """What was sent is not git's protocol."""


def pkt_line(content: bytes) -> bytes:
    """Return the content as one pkt-line."""
    return b"%04x" % (len(content) + 4) + content


def read_pkt_line(file: IO[bytes]) -> bytes | None:
    """Return the next pkt-line's content, None for a flush; MalformedRequest for anything else."""
    try:
        size = int(file.read(4).decode("ascii"), 16)
    except ValueError:
        raise MalformedRequest("this is no pkt-line") from None
    if size == 0:
        return None
    content = file.read(size - 4) if size > 4 else b""
    if size < 4 or len(content) != size - 4:
        raise MalformedRequest("a pkt-line is cut off")
    return content


def for_people(lines: Iterable[str]) -> bytes:
    """Return lines that the client shows behind `remote:`."""
    text = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    return _banded(PEOPLE, text)


def refusal_report(references: Sequence[str], reason: str) -> bytes:
    """Return the report that refuses every reference for this reason, a few words; not banded yet."""
    refused = (
        pkt_line(f"ng {reference} {reason}\n".encode("utf-8", "surrogateescape")) for reference in references
    )
    return pkt_line(b"unpack ok\n") + b"".join(refused) + FLUSH


def as_answer(content: bytes) -> bytes:
    """Return a piece of the answer itself, for a client that reads side bands."""
    return _banded(ANSWER, content)


def _banded(band: bytes, content: bytes) -> bytes:
    pieces = (
        content[start : start + MAX_PAYLOAD_BYTES] for start in range(0, len(content), MAX_PAYLOAD_BYTES)
    )
    return b"".join(pkt_line(band + piece) for piece in pieces)
