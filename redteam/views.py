"""Other ways to look at data: one step of decoding, unescaping, joining or decompressing.

Nothing is known of the data, so every step is tried everywhere: what could be base64 is decoded from each
of the four places where its first whole group may start, and compressed streams are found by how they begin.
Everything is bounded, whatever the data says.
"""

from __future__ import annotations

import bz2
import lzma
import re
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

MAX_STREAMS, MAX_STREAM_BYTES, MAX_STREAMS_BYTES = (
    4096,
    4 << 20,
    16 << 20,
)  # of one view: number, of one, of all
CHUNK_BYTES = 4096  # how much a decompressor gets at once: of a damaged stream, what came before is kept

_UPPER, _LOWER, _DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
_BASE85 = _DIGITS + _UPPER + _LOWER + "!#$%&()*+-;<=>?@^_`{|}~"


@dataclass(frozen=True)
class _Positional:
    """A code in which `group` digits of an alphabet stand for `size` bytes."""

    group: int
    size: int
    alphabets: tuple[str, ...]  # digits in order; the later ones are other ways to write the same

    def decoded(self, view: bytes) -> Iterator[bytes]:
        """Yield all runs of such digits decoded, once for each place where a group may start."""
        digits = re.escape("".join(sorted({*"".join(self.alphabets)})))
        shortest = 2 * self.group + 4
        runs = re.findall(f"[{digits}]{{{shortest},}}".encode(), view)
        values = np.zeros(256, dtype=np.uint64)
        for alphabet in self.alphabets:
            values[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))
        powers = np.array([len(self.alphabets[0]) ** i for i in reversed(range(self.group))], dtype=np.uint64)
        zero = self.alphabets[0][0].encode()
        for start in range(self.group if runs else 0):
            aligned = b"".join(run[start:] + zero * (-(len(run) - start) % self.group) for run in runs)
            groups = values[np.frombuffer(aligned, dtype=np.uint8)].reshape(-1, self.group)
            numbers = (groups * powers).sum(axis=1).astype(">u8")
            yield numbers.view(np.uint8).reshape(-1, 8)[:, 8 - self.size :].tobytes()


_POSITIONAL = {
    "hex": _Positional(2, 1, (_DIGITS + "abcdef", _DIGITS + "ABCDEF")),
    "base32": _Positional(8, 5, (_UPPER + "234567", _LOWER + "234567")),
    "base64": _Positional(4, 3, (_UPPER + _LOWER + _DIGITS + "+/", _UPPER + _LOWER + _DIGITS + "-_")),
    "base85": _Positional(5, 4, (_BASE85,)),
    "ascii85": _Positional(5, 4, ("".join(map(chr, range(33, 118))),)),
}

_ESCAPE = re.compile(
    rb"(?:%|=|\\x|\\u00|\\U000000|&#[xX]0*)([0-9a-fA-F]{2});?|&#0*([0-9]{2,3});|\\([0-7]{3})|\\([nrt\\'\"/])"
)
_SHORT_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_BREAKS = re.compile(rb"\s+")
_WRAPPERS = ("reversed", "unescaped", "joined")  # those that follow each other do so in this order
MAX_UNESCAPED = 2  # a text quoted in a quoted text

_ZLIB_STARTS = [  # method deflate, a window of 256 bytes to 32 KiB, no dictionary; a multiple of 31
    bytes([method, flags])
    for method in range(0x08, 0x80, 0x10)
    for flags in range(256)
    if (method * 256 + flags) % 31 == 0 and not flags & 0x20
]
_STREAM = re.compile(
    rb"(?P<gzip>\x1f\x8b\x08)|(?P<bz2>BZh[1-9]1AY&SY)|(?P<xz>\xfd7zXZ\0)|(?P<lzma>\x5d\0\0)"
    rb"|(?P<zip>PK\x03\x04)|(?P<zlib>" + b"|".join(map(re.escape, _ZLIB_STARTS)) + b")"
)
_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "zlib": zlib.decompressobj,
    "gzip": lambda: zlib.decompressobj(31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=256 << 20),
    "lzma": lambda: lzma.LZMADecompressor(memlimit=256 << 20),
    "zip": lambda: zlib.decompressobj(-15),
}


def views_of(view: bytes, steps: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield (step, what it makes of the view); `steps` are those that led to the view."""
    last = steps[-1] if steps else ""
    if last not in {*_WRAPPERS, *_POSITIONAL}:
        yield "reversed", view[::-1]
    unescaped = _ESCAPE.sub(_unescaped, view)
    if last != "joined" and steps.count("unescaped") < MAX_UNESCAPED and unescaped != view:
        yield "unescaped", unescaped
    if last != "joined" and (joined := _BREAKS.sub(b"", view)) != view:
        yield "joined", joined
    yield from _decompressed(view)
    for name, code in _POSITIONAL.items():
        for decoded in code.decoded(view):
            yield name, decoded


def _unescaped(match: re.Match[bytes]) -> bytes:
    *numeric, short = match.groups()
    for digits, base in zip(numeric, (16, 10, 8), strict=True):
        if digits:
            return bytes([int(digits, base) % 256])
    return _SHORT_ESCAPES.get(short, short)


def _decompressed(view: bytes) -> Iterator[tuple[str, bytes]]:
    left = MAX_STREAMS_BYTES
    contents: dict[str, list[bytes]] = {}
    for match in islice(_STREAM.finditer(view), MAX_STREAMS):
        kind, start = str(match.lastgroup), match.start()
        if left <= 0:
            break
        if kind == "zip":  # a member's header gives the lengths of its name and its extra field
            lengths = view[start + 26 : start + 30]
            start += 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        content = _stream(kind, view, start, min(left, MAX_STREAM_BYTES))
        left -= len(content)
        contents.setdefault(kind, []).append(content)
    for kind, parts in contents.items():
        if any(parts):
            yield kind, b"\n".join(parts)


def _stream(kind: str, view: bytes, start: int, most_bytes: int) -> bytes:
    """Return what the stream at `start` holds, as far as it can be read; nothing if it is none."""
    decompressor, content = _DECOMPRESSORS[kind](), bytearray()
    try:
        while start < len(view) and not decompressor.eof and len(content) < most_bytes:
            room = most_bytes - len(content)
            content += decompressor.decompress(view[start : start + CHUNK_BYTES], room)
            start += CHUNK_BYTES
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        pass  # not a stream, or a damaged one
    return bytes(content)
