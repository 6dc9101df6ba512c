"""Reads zip archives strictly: one meaning or none.

A zip describes each entry twice (local header and central directory) and lets both point anywhere.
Here the entries must tile the file: they start at byte 0, follow each other without gap or overlap
up to the central directory, which ends at the end record. So no two programs can read
different things from the same archive, and no byte is unpacked twice. Python's own zipfile
checks none of this, and is not used.
"""

from __future__ import annotations

import itertools
import stat
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass

from grader.errors import RejectedError
from grader.submissions.intake import Intake, Kind

END = struct.Struct("<4sHHHHIIH")
END_SIGNATURE = b"PK\x05\x06"
LOCATOR64 = struct.Struct("<4sIQI")
LOCATOR64_SIGNATURE = b"PK\x06\x07"
END64 = struct.Struct("<4sQHHIIQQQQ")
END64_SIGNATURE = b"PK\x06\x06"
CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
CENTRAL_SIGNATURE = b"PK\x01\x02"
LOCAL = struct.Struct("<4sHHHHHIIIHH")
LOCAL_SIGNATURE = b"PK\x03\x04"
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"

MAX_COMMENT_BYTES = 0xFFFF
IN_ZIP64_FIELD = 0xFFFFFFFF
ZIP64_FIELD_ID = 1
UNICODE_PATH_FIELD_ID = 0x7075  # a second name, which some programs prefer
UNICODE_PATH_FIXED_BYTES = 5  # before the name: a version, and a checksum of the first name
IN_ZIP64_RECORD = (0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)  # count, size and offset that did not fit

ENCRYPTED_FLAGS = 0x0001 | 0x0040 | 0x2000
DESCRIPTOR_FLAG = 0x0008
UTF8_FLAG = 0x0800
STORED, DEFLATED = 0, 8

PACK_AGAIN = "Make the archive again from your project folder."


@dataclass(frozen=True)
class _Entry:
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    unpacked_bytes: int
    unix_mode: int
    header_offset: int
    unicode_path: bytes | None  # what an extra field gives as the name

    @property
    def name(self) -> str:
        """The name as text; macOS writes UTF-8 without saying so, old DOS tools write cp437."""
        for raw in (self.raw_name, self.unicode_path or b"\xff"):
            with suppress(UnicodeDecodeError):
                return raw.decode("utf-8")
        encoding = "utf-8" if self.flags & UTF8_FLAG else "cp437"
        return self.raw_name.decode(encoding, "surrogateescape")

    @property
    def kind(self) -> Kind:
        """What the entry is, from its name and its Unix mode (0 where the packer knew none)."""
        if stat.S_ISLNK(self.unix_mode):
            return Kind.LINK
        if stat.S_IFMT(self.unix_mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            return Kind.SPECIAL
        if self.raw_name.endswith(b"/"):
            return Kind.FOLDER
        return Kind.SETUID if self.unix_mode & (stat.S_ISUID | stat.S_ISGID) else Kind.FILE


def read_zip(data: bytes, intake: Intake) -> None:
    """Offer every entry of the zip `data` to `intake`; RejectedError if its structure is unsound."""
    try:
        directory_start, entries = _central_directory(data, intake)
        content_starts = _check_tiling(data, entries, directory_start, intake)
    except (struct.error, OverflowError):
        raise _corrupt(intake) from None
    for entry, start in zip(entries, content_starts, strict=True):
        path = intake.admit(entry.name, entry.kind, entry.unpacked_bytes)
        if path is None or entry.kind is not Kind.FILE:
            continue
        content = _content(memoryview(data)[start : start + entry.packed_bytes], entry, path, intake)
        if content is None:
            intake.refused.add(path)
        else:
            intake.keep(path, content)


def _corrupt(intake: Intake) -> RejectedError:
    text = f"The zip is damaged or was cut off on its way. {PACK_AGAIN}"
    return intake.abort("archive-corrupt", "", text)


def _extra_data(intake: Intake) -> RejectedError:
    text = f"The zip holds bytes that belong to no file. {PACK_AGAIN}"
    return intake.abort("archive-extra-data", "", text)


def _end_record(data: bytes, intake: Intake) -> tuple[int, int, int, int]:
    """Return the entry count, the central directory's size and offset, and where it must end."""
    lowest = max(0, len(data) - END.size - MAX_COMMENT_BYTES)
    found = position = data.rfind(END_SIGNATURE, lowest)
    while position >= 0:
        *_, comment_bytes = END.unpack_from(data, position) if position + END.size <= len(data) else (-1,)
        if position + END.size + comment_bytes == len(data):
            break
        position = data.rfind(END_SIGNATURE, lowest, position)
    if position < 0:
        raise _corrupt(intake) if found < 0 else _extra_data(intake)
    comment = data[position + END.size :].decode("latin-1")
    if not all(ch.isprintable() or ch in "\r\n\t" for ch in comment):
        raise _extra_data(intake)
    _, disk, first_disk, here, count, size, offset, _ = END.unpack_from(data, position)
    locator = position - LOCATOR64.size
    if locator >= 0 and data.startswith(LOCATOR64_SIGNATURE, locator):
        _, _, record, _ = LOCATOR64.unpack_from(data, locator)
        narrow = (count, size, offset)
        signature, rest, _, _, disk, first_disk, here, count, size, offset = END64.unpack_from(data, record)
        if signature != END64_SIGNATURE or record + 12 + rest != locator:
            raise _corrupt(intake)
        wide = (count, size, offset)
        if any(n not in (w, full) for n, w, full in zip(narrow, wide, IN_ZIP64_RECORD, strict=True)):
            raise _inconsistent(intake, "", "its list of files")
        position = record
    if disk or first_disk or here != count:
        raise intake.abort("unsupported-archive", "", f"The zip is split in parts. {PACK_AGAIN}")
    return count, size, offset, position


def _central_directory(data: bytes, intake: Intake) -> tuple[int, list[_Entry]]:
    """Return where the central directory starts, and its entries."""
    count, size, offset, end = _end_record(data, intake)
    if offset + size < end:
        raise _extra_data(intake)
    if offset + size > end:
        raise _corrupt(intake)
    if count > intake.limits.entries:
        raise intake.too_many(intake.limits.entries)
    entries: list[_Entry] = []
    position = offset
    while position < end:
        if len(entries) == count:
            raise _extra_data(intake)
        fields = CENTRAL.unpack_from(data, position)
        signature, _, _, flags, method, _, _, crc, packed, unpacked = fields[:10]
        name_bytes, extra_bytes, comment_bytes, _, _, attributes, header_offset = fields[10:]
        name_start = position + CENTRAL.size
        extra_start = name_start + name_bytes
        position = extra_start + extra_bytes + comment_bytes
        if signature != CENTRAL_SIGNATURE or position > end:
            raise _corrupt(intake)
        raw_name = data[name_start:extra_start]
        extra = _extra_fields(data[extra_start : extra_start + extra_bytes], intake)
        unpacked, packed, header_offset = _with_zip64(extra, unpacked, packed, header_offset)
        sizes = (flags, method, crc, packed, unpacked)
        entries.append(_Entry(raw_name, *sizes, attributes >> 16, header_offset, _unicode_path(extra)))
    if len(entries) != count:
        raise _corrupt(intake)
    return offset, entries


def _extra_fields(extra: bytes, intake: Intake) -> dict[int, bytes]:
    """Return a header's extra fields; RejectedError if it gives two sizes or two names."""
    fields: dict[int, bytes] = {}
    position = 0
    while position + 4 <= len(extra):  # some packers pad with less than a field
        field_id, field_bytes = struct.unpack_from("<HH", extra, position)
        position += 4 + field_bytes
        if field_id in fields and field_id in (ZIP64_FIELD_ID, UNICODE_PATH_FIELD_ID):
            raise _inconsistent(intake, "", "a file")
        fields[field_id] = extra[position - field_bytes : position]
    return fields


def _unicode_path(extra: dict[int, bytes]) -> bytes | None:
    field = extra.get(UNICODE_PATH_FIELD_ID)
    return None if field is None else field[UNICODE_PATH_FIXED_BYTES:]


def _with_zip64(extra: dict[int, bytes], *values: int) -> list[int]:
    """Return `values` with those that did not fit in 32 bits taken from the zip64 extra field."""
    field = extra.get(ZIP64_FIELD_ID, b"")
    wide = (value for (value,) in struct.iter_unpack("<Q", field[: len(field) // 8 * 8]))
    return [next(wide, value) if value == IN_ZIP64_FIELD else value for value in values]


def _check_tiling(data: bytes, entries: list[_Entry], directory_start: int, intake: Intake) -> list[int]:
    """Return where each entry's content starts; RejectedError unless the entries tile the file."""
    starts: dict[int, int] = {}
    expected = 0
    by_offset = sorted(entries, key=lambda entry: entry.header_offset)
    for entry in by_offset:
        if entry.header_offset > expected:
            raise _extra_data(intake)
        if entry.header_offset < expected:
            raise _overlap(intake, entry)
        start = _content_start(data, entry, intake)
        expected = start + entry.packed_bytes
        if entry.flags & DESCRIPTOR_FLAG:
            expected += _descriptor_size(data, expected, entry)
        if expected > directory_start:
            raise _overlap(intake, entry)
        starts[entry.header_offset] = start
    if expected < directory_start:
        raise _extra_data(intake)
    return [starts[entry.header_offset] for entry in entries]


def _overlap(intake: Intake, entry: _Entry) -> RejectedError:
    text = f"Two files of the zip share the same bytes. {PACK_AGAIN}"
    return intake.abort("zip-overlap", entry.name, text)


def _content_start(data: bytes, entry: _Entry, intake: Intake) -> int:
    """Return where the content starts; RejectedError if the two headers of the entry disagree."""
    fields = LOCAL.unpack_from(data, entry.header_offset)
    signature, _, flags, method, _, _, crc, packed, unpacked, name_bytes, extra_bytes = fields
    if signature != LOCAL_SIGNATURE:
        raise _corrupt(intake)
    name_start = entry.header_offset + LOCAL.size
    extra_start = name_start + name_bytes
    start = extra_start + extra_bytes
    raw_name = data[name_start:extra_start]
    extra = _extra_fields(data[extra_start:start], intake)
    unpacked, packed = _with_zip64(extra, unpacked, packed)
    compared = DESCRIPTOR_FLAG | ENCRYPTED_FLAGS | (0 if raw_name.isascii() else UTF8_FLAG)
    ours, theirs = (crc, packed, unpacked), (entry.crc, entry.packed_bytes, entry.unpacked_bytes)
    unknown = flags & DESCRIPTOR_FLAG  # and so left 0
    same = (
        raw_name == entry.raw_name
        and not (entry.kind is Kind.FOLDER and entry.unpacked_bytes)
        and {_unicode_path(extra), entry.unicode_path} <= {None, entry.name.encode("utf-8", "replace")}
        and method == entry.method
        and flags & compared == entry.flags & compared
        and all(here == there or (unknown and here == 0) for here, there in zip(ours, theirs, strict=True))
    )
    # Whoever reads from the front can't tell where these end.
    has_no_end = unknown and method == STORED and _holds_header(data, start, entry.packed_bytes)
    if not same or has_no_end:
        raise _inconsistent(intake, entry.name, ascii(entry.name))
    return int(start)


def _holds_header(data: bytes, start: int, size: int) -> bool:
    signatures = (LOCAL_SIGNATURE, CENTRAL_SIGNATURE, DESCRIPTOR_SIGNATURE)
    return any(data.find(signature, start, start + size) >= 0 for signature in signatures)


def _inconsistent(intake: Intake, name: str, what: str) -> RejectedError:
    text = f"The zip describes {what} in two different ways. {PACK_AGAIN}"
    return intake.abort("zip-inconsistent", name, text)


def _descriptor_size(data: bytes, position: int, entry: _Entry) -> int:
    """Return the size of the data descriptor that repeats the entry's sizes, 0 if there is none."""
    sizes = (entry.packed_bytes, entry.unpacked_bytes)
    # 64-bit sizes first: those of an empty file begin like 32-bit ones.
    widths = ("<IQQ",) if max(sizes) >= 2**32 else ("<IQQ", "<III")
    for signature, width in itertools.product((DESCRIPTOR_SIGNATURE, b""), widths):
        record = signature + struct.pack(width, entry.crc, *sizes)
        if data.startswith(record, position):
            return len(record)
    return 0


def _content(packed: memoryview, entry: _Entry, path: str, intake: Intake) -> bytes | None:
    """Return the unpacked content, or None after telling `intake` why there is none."""
    if entry.flags & ENCRYPTED_FLAGS:
        intake.refuse("encrypted", path, f"{path} is protected by a password. Pack without one.")
        return None
    if entry.method not in (STORED, DEFLATED):
        text = f"{path} is packed in an unusual way. Use the ordinary zip method (Deflate)."
        intake.refuse("unsupported-compression", path, text)
        return None
    content = bytes(packed) if entry.method == STORED else _inflate(packed, entry.unpacked_bytes)
    if content is None or len(content) != entry.unpacked_bytes or zlib.crc32(content) != entry.crc:
        intake.refuse("archive-corrupt", path, f"{path} is damaged inside the zip. {PACK_AGAIN}")
        return None
    return content


def _inflate(packed: memoryview, size: int) -> bytes | None:
    """Return the deflated content if it has exactly `size` bytes; never unpacks more than one over."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(packed, size + 1)
    except zlib.error:
        return None
    return content if inflater.eof and not inflater.unused_data else None
