"""Mutates tars as what they are: blocks of 512 bytes, headers with checksums that agree, extended headers."""

from __future__ import annotations

import random
from dataclasses import dataclass

from redteam.fuzzing.archive_parts import CONTENTS, NAMES, NUMBERS

BLOCK = 512
TYPES = (*(bytes([code]) for code in b"01234567xgLKSVDA"), b"\0")
KEYS = (b"path", b"size", b"linkpath", b"mtime", b"GNU.sparse.major", b"comment", b"hdrcharset", b"")


@dataclass
class Member:
    """One header and what follows it; `checksum` tells whether the right one is written."""

    header: bytearray
    content: bytes
    checksum: bool = True


def parse(data: bytes) -> list[Member]:
    """Take a tar apart, as far as its sizes can be followed."""
    members: list[Member] = []
    position = 0
    while position + BLOCK <= len(data) and len(members) < 40:
        header = bytearray(data[position : position + BLOCK])
        if not any(header):
            break
        digits = bytes(header[124:136]).strip(b" \0")
        size = int(digits, 8) if digits and all(digit in b"01234567" for digit in digits) else 0
        position += BLOCK
        members.append(Member(header, data[position : position + size]))
        position += -(-size // BLOCK) * BLOCK
    return members


def build(members: list[Member], rng: random.Random) -> bytes:
    """Put a tar together; its end is now and then not as it should be."""
    parts = []
    for member in members:
        if member.checksum:
            member.header[148:156] = b" " * 8
            member.header[148:156] = b"%06o\0 " % sum(member.header)
        parts += [bytes(member.header), member.content, b"\0" * (-len(member.content) % BLOCK)]
    end = b"\0" * BLOCK * 2
    if rng.random() < 0.06:
        end = rng.choice(
            (b"", b"\0" * BLOCK, b"\0" * BLOCK * 20, end + b"x", b"\0" * 100, end + b"x" * BLOCK)
        )
    return b"".join(parts) + end


def change(members: list[Member], rng: random.Random) -> None:
    """Make one change."""
    choice = rng.random()
    if not members or choice < 0.1:
        members.insert(rng.randint(0, len(members)), _file(rng.choice(NAMES), rng.choice(CONTENTS)))
    elif choice < 0.3:
        members.insert(rng.randrange(len(members)), _extended(rng))
    elif choice < 0.4 and len(members) > 1:
        place, other = rng.randrange(len(members)), rng.randrange(len(members))
        members[place], members[other] = members[other], members[place]
        if rng.random() < 0.5:
            del members[place]
    else:
        _change_member(rng.choice(members), rng)


def _change_member(member: Member, rng: random.Random) -> None:
    header = member.header
    match rng.randrange(8):
        case 0 | 1:
            header[:100] = rng.choice(NAMES)[:100].ljust(100, b"\0")
        case 2:
            header[156:157] = rng.choice(TYPES)
        case 3:
            header[124:136] = _number(rng.choice((len(member.content), rng.choice(NUMBERS))), rng)
        case 4:
            header[100:108] = rng.choice(
                (b"0000644\0", b"0004755\0", b"0002755\0", b"\x80\0\0\0\0\0\0\7", b"xxxxxxx\0")
            )
        case 5:
            header[345:500] = rng.choice((b"", b"g2c/nn", b"..", b"x" * 155, b"/")).ljust(155, b"\0")
            header[257:265] = rng.choice((b"ustar\x0000", b"ustar  \0", b"\0" * 8))
        case 6:
            member.content = rng.choice((rng.choice(CONTENTS), member.content * 2, member.content[:-1]))
            header[124:136] = b"%011o\0" % len(member.content)
        case 7:
            header[rng.randrange(BLOCK)] = rng.randrange(256)
            member.checksum = rng.random() < 0.8


def _number(value: int, rng: random.Random) -> bytes:
    if value >= 8**11 or rng.random() < 0.3:
        return bytes([rng.choice((0x80, 0x80, 0xFF))]) + value.to_bytes(11, "big")
    return rng.choice((b"%011o\0", b"%12o", b" %9o \0"))[:6] % value if value < 8**9 else b"%011o\0" % value


def _file(name: bytes, content: bytes, kind: bytes = b"0") -> Member:
    header = bytearray(BLOCK)
    header[: len(name[:100])] = name[:100]
    header[100:108], header[124:136], header[156:157] = b"0000644\0", b"%011o\0" % len(content), kind
    header[257:265] = b"ustar\x0000"
    return Member(header, content)


def _extended(rng: random.Random) -> Member:
    """Return an extended header: a long name, or pax records with lengths that agree or not."""
    if rng.random() < 0.3:
        return _file(b"././@LongLink", rng.choice(NAMES) + rng.choice((b"", b"\0")), rng.choice((b"L", b"K")))
    records = b""
    for _ in range(rng.randrange(4)):
        value = rng.choice((rng.choice(NAMES), b"%d" % rng.choice(NUMBERS), b"0", b"-1", b"7", b"\xb2"))
        text = b" %b=%b\n" % (rng.choice(KEYS), value)
        length = len(text) + 1
        while len(b"%d" % length) + len(text) != length:
            length += 1
        records += b"%d" % rng.choice((length, length, length, length, length + 1, 0, 3, 99_999_999)) + text
    return _file(b"PaxHeader", records, rng.choice((b"x", b"x", b"x", b"g")))
