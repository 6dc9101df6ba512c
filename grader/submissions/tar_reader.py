"""Reads .tar.gz (and plain .tar) archives as a stream, in bounded memory.

Only what students' tools write is understood: ustar, GNU long names, and the pax key `path`. Anything
else that would change a file's content or place (sparse files, links, devices), or that programs read
differently (two names or sizes for one entry, content behind a link), is refused. Python's own tarfile is
not used: in releases this project supports, crafted headers send it into endless loops.
"""

from __future__ import annotations

import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from grader.errors import RejectedError
from grader.submissions.intake import Intake, Kind
from grader.submissions.limits import MIB

BLOCK = 512
GZIP_SIGNATURE = b"\x1f\x8b"
MAX_EXTENDED_HEADER_BYTES = MIB
INPUT_STEP_BYTES = 16 * 1024
OUTPUT_STEP_BYTES = 64 * 1024

OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
PAX_LENGTH = re.compile(rb"(\d{1,8}) ")
FILE_TYPES = (b"0", b"\0", b"7")
LINK_TYPES = (b"1", b"2")
SPECIAL_TYPES = (b"3", b"4", b"6")
FOLDER_TYPE, PAX_TYPE, GLOBAL_PAX_TYPE, LONG_NAME_TYPE, LONG_LINK_TYPE = b"5", b"x", b"g", b"L", b"K"

PACK_AGAIN = "Make the archive again from your project folder."


def looks_like_tar(data: bytes) -> bool:
    """Whether `data` starts with a tar header."""
    return len(data) >= BLOCK and _checksum_is_right(data[:BLOCK])


def read_tar(data: bytes, intake: Intake) -> None:
    """Offer every entry of the tar `data`, gzipped or not, to `intake`.

    Raises RejectedError if the archive is damaged or unpacks to more than the limits.
    """
    stream = _Stream(_gunzip(data, intake) if data.startswith(GZIP_SIGNATURE) else iter([data]), intake)
    first = stream.peek_block()
    if any(first) and not looks_like_tar(first):
        text = "The file is compressed but holds no tar archive. Hand in a .zip or .tar.gz."
        raise intake.abort("not-an-archive", "", text)
    while (header := _next_header(stream, intake)) is not None:
        path = intake.admit(header.name, header.kind, header.size)
        if path is None or header.kind is not Kind.FILE:
            stream.skip(_padded(header.size))
            continue
        content = stream.read(header.size)
        stream.skip(_padded(header.size) - header.size)
        intake.keep(path, content)
    stream.expect_only_zeros()


@dataclass(frozen=True)
class _Header:
    name: str
    kind: Kind
    size: int


class _Stream:
    """The unpacked bytes, read front to back, no more of them than `limits.stream_bytes`."""

    def __init__(self, chunks: Iterator[bytes], intake: Intake):
        self._chunks = chunks
        self._intake = intake
        self._buffer = bytearray()
        self._left = intake.limits.stream_bytes

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._left -= len(chunk)
            if self._left < 0:
                raise self._intake.too_big()
            self._buffer += chunk
        return True

    def peek_block(self) -> bytes:
        """Return the next block without consuming it; shorter at the end."""
        self._fill(BLOCK)
        return bytes(self._buffer[:BLOCK])

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; RejectedError if the archive ends before."""
        if not self._fill(size):
            raise _corrupt(self._intake)
        content = bytes(self._buffer[:size])
        del self._buffer[:size]
        return content

    def skip(self, size: int) -> None:
        """Pass over `size` bytes in constant memory."""
        while size > 0:
            step = min(size, OUTPUT_STEP_BYTES)
            self.read(step)
            size -= step

    def expect_only_zeros(self) -> None:
        """Read to the end; RejectedError if there is anything but padding."""
        while self._buffer or self._fill(1):
            if any(self._buffer):
                raise _extra_data(self._intake)
            self._buffer.clear()


def _corrupt(intake: Intake) -> RejectedError:
    text = f"The archive is damaged or was cut off on its way. {PACK_AGAIN}"
    return intake.abort("archive-corrupt", "", text)


def _extra_data(intake: Intake) -> RejectedError:
    text = f"The archive holds bytes that belong to no file. {PACK_AGAIN}"
    return intake.abort("archive-extra-data", "", text)


def _gunzip(data: bytes, intake: Intake) -> Iterator[bytes]:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for start in range(0, len(data), INPUT_STEP_BYTES):
        pending = data[start : start + INPUT_STEP_BYTES]
        while pending and not inflater.eof:
            try:
                chunk = inflater.decompress(pending, OUTPUT_STEP_BYTES)
            except zlib.error:
                raise _corrupt(intake) from None
            pending = inflater.unconsumed_tail
            if chunk:
                yield chunk
        if inflater.eof:
            if any(inflater.unused_data) or any(data[start + INPUT_STEP_BYTES :]):
                raise _extra_data(intake)
            return
    raise _corrupt(intake)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _next_header(stream: _Stream, intake: Intake) -> _Header | None:
    """Return the next entry with its extended headers applied; None at the end of the archive."""
    path: bytes | None = None
    pax: dict[bytes, bytes] = {}
    seen: set[bytes] = set()  # which extended headers the entry has: of two, programs take either
    while True:
        block = stream.read(BLOCK)
        if not any(block):
            return None
        size = _number(block[124:136])
        if size is None or not _checksum_is_right(block):
            raise _corrupt(intake)
        kind = block[156:157]
        if kind in (PAX_TYPE, GLOBAL_PAX_TYPE, LONG_NAME_TYPE, LONG_LINK_TYPE):
            if size > MAX_EXTENDED_HEADER_BYTES:
                raise _corrupt(intake)
            extended = stream.read(_padded(size))[:size]
            if kind in seen:
                raise _unsupported(intake, "")
            seen.add(kind)
            if kind == LONG_NAME_TYPE:
                path = extended.rstrip(b"\0")
            elif kind == PAX_TYPE:
                pax = _pax_records(extended, intake)
            elif kind == GLOBAL_PAX_TYPE and any(
                key.startswith((b"path", b"size", b"GNU.sparse")) for key in _pax_records(extended, intake)
            ):
                raise _unsupported(intake, "the whole archive")
            continue
        raw_name = pax.get(b"path") or path or _ustar_name(block)
        name = raw_name.decode("utf-8", "surrogateescape")
        if any(key.startswith(b"GNU.sparse") for key in pax):
            raise _unsupported(intake, name)
        if {PAX_TYPE, LONG_NAME_TYPE} <= seen and pax.get(b"path", path) != path:
            raise _unsupported(intake, name)
        # Only files beyond 8 GiB need it: here it would but let two programs read different archives.
        if b"size" in pax and _pax_size(pax[b"size"], intake) != size:
            raise _unsupported(intake, name)
        return _header(block, name, size, intake)


def _header(block: bytes, name: str, size: int, intake: Intake) -> _Header:
    kind, mode = block[156:157], _number(block[100:108]) or 0
    if size and kind in (*LINK_TYPES, *SPECIAL_TYPES, FOLDER_TYPE):
        raise _unsupported(intake, name)  # whether content follows, programs don't agree
    if kind in LINK_TYPES:
        return _Header(name, Kind.LINK, 0)
    if kind in SPECIAL_TYPES:
        return _Header(name, Kind.SPECIAL, 0)
    if kind == FOLDER_TYPE:
        return _Header(name, Kind.FOLDER, 0)
    if kind not in FILE_TYPES:
        raise _unsupported(intake, name)
    if name.endswith("/"):
        return _Header(name, Kind.FOLDER, size)
    return _Header(name, Kind.SETUID if mode & (stat.S_ISUID | stat.S_ISGID) else Kind.FILE, size)


def _unsupported(intake: Intake, name: str) -> RejectedError:
    text = f"The archive uses an unusual tar feature. {PACK_AGAIN} `tar -czf handin.tar.gz FOLDER` is fine."
    return intake.abort("unsupported-entry", name, text)


def _number(field: bytes) -> int | None:
    """Return a header's number, octal or GNU's base 256; None if it is neither or negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    octal = OCTAL.fullmatch(field)
    return None if octal is None else int(octal[1] or b"0", 8)


def _checksum_is_right(block: bytes) -> bool:
    stored = _number(block[148:156])
    return stored is not None and stored == sum(block[:148]) + 8 * ord(" ") + sum(block[156:])


def _ustar_name(block: bytes) -> bytes:
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _pax_records(data: bytes, intake: Intake) -> dict[bytes, bytes]:
    """Return the records `LENGTH KEY=VALUE\\n` of a pax header."""
    records: dict[bytes, bytes] = {}
    position = 0
    while position < len(data):
        length = PAX_LENGTH.match(data, position)
        end = position + int(length[1]) if length else 0
        if length is None or not length.end() < end <= len(data) or data[end - 1 : end] != b"\n":
            raise _corrupt(intake)
        key, _, value = data[length.end() : end - 1].partition(b"=")
        records[key] = value
        position = end
    return records


def _pax_size(value: bytes, intake: Intake) -> int:
    if not re.fullmatch(rb"\d{1,19}", value):
        raise _corrupt(intake)
    return int(value)
