"""Writes a pack of one blob and a delta on it into the folder of packs; prints the name of what the delta makes."""

import hashlib
import struct
import subprocess
import sys
import zlib

COPIES, BASE = 70, bytes(1024**2)


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def header(kind: int, size: int) -> bytes:
    first, rest = (kind << 4) | (size & 15), size >> 4
    return bytes([first | 0x80]) + varint(rest) if rest else bytes([first])


def name(content: bytes) -> bytes:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).digest()


copy = b"\xc0\x10"  # copy 0x100000 bytes from the beginning
delta = varint(len(BASE)) + varint(COPIES * len(BASE)) + copy * COPIES
objects = [
    header(3, len(BASE)) + zlib.compress(BASE),
    header(7, len(delta)) + name(BASE) + zlib.compress(delta),
]
pack = b"PACK" + struct.pack(">II", 2, len(objects)) + b"".join(objects)
path = f"{sys.argv[1]}/pack-bomb.pack"
with open(path, "wb") as file:
    file.write(pack + hashlib.sha1(pack).digest())
subprocess.run(["git", "index-pack", path], check=True, stdout=subprocess.DEVNULL)
print(name(BASE * COPIES).hex())
