"""Mutates zips as what they are: entries, both of their headers, the directory and the end record.

A zip is taken apart into entries, some of them are changed, and it is put together again with checksums,
sizes and offsets that agree, but for those that the mutation lies about.
"""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass, field

from grader.submissions import zip_reader
from redteam.fuzzing.archive_parts import CONTENTS, NAMES, NUMBERS

MAX_UNPACKED_BYTES = 1024**2
MODES = (
    0o100644,
    0o100755,
    0,
    0o120777,
    0o010644,
    0o020644,
    0o060644,
    0o140644,
    0o104755,
    0o102755,
    0o040755,
)
FLAGS = (0, 0x0001, 0x0008, 0x0040, 0x0800, 0x2000, 0x0808)
METHODS = (0, 8, 8, 9, 12, 14, 93, 99)
LIES = (
    "crc",
    "packed",
    "unpacked",
    "offset",
    "local_name",
    "local_method",
    "local_flags",
    "local_crc",
    "local_unpacked",
)


@dataclass
class Entry:
    """One entry; `lies` maps what the headers say untruly to the untruth."""

    name: bytes
    content: bytes
    flags: int = 0
    method: int = 8
    mode: int = 0o100644
    extra: bytes = b""
    comment: bytes = b""
    gap: bytes = b""
    descriptor: str = ""  # struct format of the sizes after the content, or nothing
    lies: dict[str, object] = field(default_factory=dict)


@dataclass
class Zip:
    """A whole zip; `end` maps fields of the end record to untruths."""

    entries: list[Entry]
    comment: bytes = b""
    trailing: bytes = b""
    zip64_end: bool = False
    end: dict[str, int] = field(default_factory=dict)


def parse(data: bytes) -> Zip | None:
    """Take a zip apart, as far as its directory can be read; None if there is none."""
    position = data.rfind(zip_reader.END_SIGNATURE)
    try:
        *_, offset, comment_bytes = zip_reader.END.unpack_from(data, position)
        archive = Zip([], data[position + zip_reader.END.size :][:comment_bytes])
        archive.zip64_end = data[position - 20 : position - 16] == zip_reader.LOCATOR64_SIGNATURE
        place = data.find(zip_reader.CENTRAL_SIGNATURE) if archive.zip64_end else offset
        while data.startswith(zip_reader.CENTRAL_SIGNATURE, place) and len(archive.entries) < 40:
            entry, place = _parse_entry(data, place)
            archive.entries.append(entry)
    except struct.error:
        return None
    return archive


def _parse_entry(data: bytes, place: int) -> tuple[Entry, int]:
    fields = zip_reader.CENTRAL.unpack_from(data, place)
    (
        _,
        _,
        _,
        flags,
        method,
        _,
        _,
        _,
        packed,
        _,
        name_bytes,
        extra_bytes,
        comment_bytes,
        _,
        _,
        attributes,
        offset,
    ) = fields
    name_start = place + zip_reader.CENTRAL.size
    extra_start = name_start + name_bytes
    comment_start = extra_start + extra_bytes
    *_, local_name, local_extra = zip_reader.LOCAL.unpack_from(data, min(offset, len(data)))
    content_start = offset + zip_reader.LOCAL.size + local_name + local_extra
    packed_content = data[content_start : content_start + packed]
    entry = Entry(
        data[name_start:extra_start],
        _inflated(packed_content) if method == zip_reader.DEFLATED else packed_content,
        flags,
        method,
        attributes >> 16,
        data[extra_start:comment_start],
        data[comment_start : comment_start + comment_bytes],
    )
    if flags & zip_reader.DESCRIPTOR_FLAG:
        entry.descriptor = "<III"
    return entry, comment_start + comment_bytes


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, MAX_UNPACKED_BYTES)
    except zlib.error:
        return packed


def build(archive: Zip) -> bytes:
    """Put a zip together."""
    body, directory = bytearray(), bytearray()
    for entry in archive.entries:
        body += entry.gap
        offset = len(body)
        packed = _deflated(entry.content) if entry.method == zip_reader.DEFLATED else entry.content
        true = {"crc": zlib.crc32(entry.content), "packed": len(packed), "unpacked": len(entry.content)}
        said = {name: entry.lies.get(name, value) for name, value in true.items()}
        local = {name: entry.lies.get(f"local_{name}", value) for name, value in said.items()}
        if entry.flags & zip_reader.DESCRIPTOR_FLAG and entry.descriptor:
            local = dict.fromkeys(local, 0)
        local_name = entry.lies.get("local_name", entry.name)
        body += zip_reader.LOCAL.pack(
            zip_reader.LOCAL_SIGNATURE,
            20,
            int(entry.lies.get("local_flags", entry.flags)) & 0xFFFF,
            int(entry.lies.get("local_method", entry.method)) & 0xFFFF,
            0,
            33,
            *(int(local[name]) & 0xFFFFFFFF for name in ("crc", "packed", "unpacked")),
            len(local_name),
            len(entry.extra),
        )
        body += local_name + entry.extra + packed
        if entry.descriptor:
            body += zip_reader.DESCRIPTOR_SIGNATURE + struct.pack(entry.descriptor, *true.values())
        directory += zip_reader.CENTRAL.pack(
            zip_reader.CENTRAL_SIGNATURE,
            0x031E,
            20,
            entry.flags,
            entry.method,
            0,
            33,
            *(int(said[name]) & 0xFFFFFFFF for name in ("crc", "packed", "unpacked")),
            len(entry.name),
            len(entry.extra),
            len(entry.comment),
            0,
            0,
            (entry.mode & 0xFFFF) << 16,
            int(entry.lies.get("offset", offset)) & 0xFFFFFFFF,
        )
        directory += entry.name + entry.extra + entry.comment
    return bytes(body + directory) + _end(archive, len(body), len(directory)) + archive.trailing


def _end(archive: Zip, offset: int, size: int) -> bytes:
    said = {"disk": 0, "first_disk": 0, "here": len(archive.entries), "count": len(archive.entries)}
    said = said | {"size": size, "offset": offset} | archive.end
    disk, first, here, count, size, offset = said.values()
    wide = b""
    if archive.zip64_end:
        record = (44, 45, 45, disk & 0xFFFFFFFF, first & 0xFFFFFFFF, here, count, size, offset)
        wide = zip_reader.END64.pack(zip_reader.END64_SIGNATURE, *record)
        place = said["offset"] + said["size"] & 2**64 - 1
        wide += zip_reader.LOCATOR64.pack(zip_reader.LOCATOR64_SIGNATURE, 0, place, 1)
    short = (
        disk & 0xFFFF,
        first & 0xFFFF,
        here & 0xFFFF,
        count & 0xFFFF,
        size & 0xFFFFFFFF,
        offset & 0xFFFFFFFF,
    )
    return (
        wide + zip_reader.END.pack(zip_reader.END_SIGNATURE, *short, len(archive.comment)) + archive.comment
    )


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def change(archive: Zip, rng: random.Random) -> None:
    """Make one change."""
    entries = archive.entries
    choice = rng.random()
    if not entries or choice < 0.1:
        entries.insert(rng.randint(0, len(entries)), Entry(rng.choice(NAMES), rng.choice(CONTENTS)))
    elif choice < 0.2:
        _change_whole(archive, rng)
    elif choice < 0.3:
        place, other = rng.randrange(len(entries)), rng.randrange(len(entries))
        if rng.random() < 0.5:
            entries[place], entries[other] = entries[other], entries[place]
        elif len(entries) > 1:
            del entries[place]
    else:
        _change_entry(rng.choice(entries), rng.choice(entries), rng)


def _change_whole(archive: Zip, rng: random.Random) -> None:
    match rng.randrange(5):
        case 0:
            archive.comment = rng.choice(
                (b"", b"made by a tool", b"\0", zip_reader.END_SIGNATURE, b"PK\x05\x06" + b"\0" * 18)
            )
        case 1:
            archive.trailing = rng.choice((b"", b"\0", b"x" * 30, b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04"))
        case 2:
            archive.zip64_end = not archive.zip64_end
        case _:
            name = rng.choice(("disk", "first_disk", "here", "count", "size", "offset"))
            archive.end[name] = rng.choice((len(archive.entries) + 1, rng.choice(NUMBERS)))


def _change_entry(entry: Entry, other: Entry, rng: random.Random) -> None:
    match rng.randrange(12):
        case 0 | 1:
            entry.name = rng.choice((rng.choice(NAMES), other.name, entry.name.swapcase(), entry.name + b"/"))
        case 2 | 3:
            entry.content = rng.choice((rng.choice(CONTENTS), other.content, entry.content * 2))
        case 4:
            entry.mode = rng.choice(MODES)
        case 5:
            entry.flags = rng.choice(FLAGS) if rng.random() < 0.7 else entry.flags ^ 1 << rng.randrange(16)
        case 6:
            entry.method = rng.choice(METHODS)
        case 7:
            entry.extra = _extra(rng)
        case 8:
            entry.comment = rng.choice((b"", b"x" * 40, zip_reader.CENTRAL_SIGNATURE))
        case 9:
            entry.gap = rng.choice((b"", b"\0", b"x" * 30, zip_reader.LOCAL_SIGNATURE))
        case 10:
            entry.descriptor = rng.choice(("", "<III", "<IQQ"))
            entry.flags ^= zip_reader.DESCRIPTOR_FLAG * (rng.random() < 0.7)
        case 11:
            lie = rng.choice(LIES)
            entry.lies[lie] = rng.choice((other.name, b"x")) if lie == "local_name" else rng.choice(NUMBERS)


def _extra(rng: random.Random) -> bytes:
    """Return an extra field: zip64 with as many numbers as it likes, another, or a cut one."""
    wide = b"".join(
        struct.pack("<Q", rng.choice((0, 5, 100, rng.choice(NUMBERS)))) for _ in range(rng.randrange(5))
    )
    field_id = rng.choice((1, 1, 0x5455, 0x7075))
    said = rng.choice((len(wide), len(wide), rng.randrange(2**16)))
    return rng.choice((b"", b"\1", struct.pack("<HH", field_id, said) + wide))
