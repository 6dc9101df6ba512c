# ruff: noqa: PTH100, PTH101, PTH103, PTH110, PTH112, PTH113, PTH114, PTH118, PTH120, PTH123, PTH207, PTH211, RUF100
"""How programs that people use unpack: each an answer to "which files are in it?", and one that writes them.

An unpacker yields (name, content, mode, link): `mode` with the kind of file as Unix has it, 0 if nothing is
said. They are modelled on unzip and its option -n, on programs that read from front to back, on those that
honour the second name, on Windows and macOS, and on tar with everything on; only what differs is modelled.
"""

from __future__ import annotations

import gzip
import io
import ntpath
import os
import posixpath
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial

Entry = tuple[str, bytes, int, str]
ARCHIVES = (".zip", ".tar.gz", ".tgz")


def central(data: bytes) -> Iterator[Entry]:
    """By the list at the end, as Python and unzip do."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            content, mode = archive.read(info), info.external_attr >> 16
            yield info.filename, content, mode, content.decode("latin-1") if stat.S_ISLNK(mode) else ""


def keep_first(data: bytes) -> Iterator[Entry]:
    """As `unzip -n`: a name that is there already is not written again."""
    seen: set[str] = set()
    for entry in central(data):
        if entry[0] not in seen:
            seen.add(entry[0])
            yield entry


def listed(data: bytes, end: int) -> Iterator[Entry]:
    """By the list that the record at `end` points to, whatever stands before each file."""
    count, _, position = struct.unpack_from("<HII", data, end + 10)
    for _ in range(count):
        (method,) = struct.unpack_from("<H", data, position + 10)
        kept, size, name_bytes, extra_bytes, comment_bytes = struct.unpack_from("<IIHHH", data, position + 20)
        (header,) = struct.unpack_from("<I", data, position + 42)
        name = data[position + 46 : position + 46 + name_bytes].decode()
        position += 46 + name_bytes + extra_bytes + comment_bytes
        start = header + 30 + sum(struct.unpack_from("<HH", data, header + 26))
        packed = data[start : start + kept]
        yield name, (zlib.decompressobj(-15).decompress(packed, size) if method else packed), 0, ""


def front_to_back(data: bytes, believes_sizes: bool = True) -> Iterator[Entry]:
    """By what stands before each file, as programs that unpack while they download do."""
    position = data.find(b"PK\x03\x04")
    while position >= 0:
        flags, method, _, _, _, packed, unpacked, name_bytes, extra_bytes = struct.unpack_from(
            "<HHHHIIIHH", data, position + 6
        )
        start = position + 30 + name_bytes + extra_bytes
        name = data[position + 30 : position + 30 + name_bytes].decode("utf-8", "replace")
        if flags & 8 and method == 0:
            packed = data.find(b"PK\x07\x08", start) - start
        rest = data[start:] if method else data[start : start + packed]
        content = zlib.decompressobj(-15).decompress(rest) if method else rest
        yield name, content[:unpacked] if unpacked and believes_sizes else content, 0, ""
        position = data.find(b"PK\x03\x04", start + (packed if method == 0 else 0) + 1)


def second_names(data: bytes) -> Iterator[Entry]:
    """As Info-ZIP: the name in the extra field counts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            name, extra = info.filename, info.extra
            if extra[:2] == b"up":
                name = extra[9 : 4 + struct.unpack_from("<H", extra, 2)[0]].decode()
            yield name, archive.read(info), 0, ""


def narrow(data: bytes) -> Iterator[Entry]:
    """As old programs, which know nothing of records with 64 bits."""
    yield from listed(data, data.rfind(b"PK\x05\x06"))


def first_archive(data: bytes) -> Iterator[Entry]:
    """As programs that take the first end that they meet."""
    end = data.find(b"PK\x05\x06")
    yield from central(data[: end + 22])


def on_windows(data: bytes) -> Iterator[Entry]:
    """As onto a disk C: whose root is /course/submissions/ada/.., with Windows' rules for names."""
    for name, content, mode, link in central(data):
        path = ntpath.normpath(ntpath.join("C:\\submissions\\ada", name.replace("\0", "")))
        drive, rest = ntpath.splitdrive(path)
        parts = [part.rstrip(". ") for part in rest.split("\\")]
        place = "/".join(parts)
        if drive.upper() != "C:":
            place = f"/drive-{drive.strip(chr(92))}{place}"
        if parts[-1].split(".")[0].lower() in ("con", "nul", "aux", "prn", "com1", "lpt1"):
            mode = stat.S_IFCHR | 0o666
        yield f"/course{place}", content, mode, link


def same_names(data: bytes) -> Iterator[Entry]:
    """As onto a disk that knows no case and one form of each character: the first spelling counts."""
    spelt: dict[str, str] = {}
    for name, content, mode, link in central(data) if data[:2] == b"PK" else tar(data):
        key = unicodedata.normalize("NFKC", name.casefold())
        yield spelt.setdefault(key, name), content, mode, link


def up_to_nul(data: bytes) -> Iterator[Entry]:
    """As programs written in C: a name ends at its first NUL byte."""
    for name, *rest in listed(data, data.rfind(b"PK\x05\x06")):
        yield name.split("\0")[0], *rest  # type: ignore[misc]


def tar(data: bytes, **options: object) -> Iterator[Entry]:
    """As tar by root, with all that it can restore."""
    with tarfile.open(fileobj=io.BytesIO(data), **options) as archive:  # type: ignore[call-overload]
        kinds = {tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK}
        kinds |= {tarfile.FIFOTYPE: stat.S_IFIFO, tarfile.LNKTYPE: -1}
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            name = member.name + "/" if member.isdir() else member.name
            kind = kinds.get(member.type, 0)
            mode = kind if kind < 0 else kind | member.mode
            yield name, content.read() if content else b"", mode, member.linkname


def without_pax(data: bytes) -> Iterator[Entry]:
    """As old tars: headers that extend others say nothing, and what has a size has content, links too."""
    data, position = gzip.decompress(data), 0
    while any(block := data[position : position + 512]):
        size = int(block[124:135].strip(b"\0 ") or b"0", 8)
        if block[156:157] in b"0\0":
            yield block[:100].split(b"\0")[0].decode(), data[position + 512 : position + 512 + size], 0, ""
        position += 512 + -(-size // 512) * 512


def nested(data: bytes, depth: int = 8) -> Iterator[Entry]:
    """As helpful harnesses: an archive in the archive is unpacked, too."""
    for name, content, mode, link in central(data):
        if name.endswith(ARCHIVES) and depth:
            inner = nested(content, depth - 1) if name.endswith(".zip") else tar(content)
            yield from ((f"{name}.d/{inside}", *rest) for inside, *rest in inner)  # type: ignore[misc]
        else:
            yield name, content, mode, link


UNPACKERS = {
    "unzip": central,
    "unzip -n": keep_first,
    "front to back": front_to_back,
    "front to back, all of it": partial(front_to_back, believes_sizes=False),
    "second names": second_names,
    "narrow": narrow,
    "first archive": first_archive,
    "Windows": on_windows,
    "one spelling": same_names,
    "up to NUL": up_to_nul,
    "tar": tar,
    "tar without pax": without_pax,
    "nested": nested,
}


def write(folder: str, entry: Entry) -> None:
    """Put one entry below the folder, as the name says."""
    name, content, mode, link = entry
    path = posixpath.join(folder, name)
    if name.endswith("/"):
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if mode == -1:
        os.link(os.path.join(folder, link), path)
    elif stat.S_ISLNK(mode):
        os.symlink(link, path)
    elif stat.S_ISFIFO(mode):
        os.mkfifo(path)
    elif stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        os.mknod(path, mode, os.makedev(1, 3))
    else:
        with open(path, "wb") as file:
            file.write(content)
        if mode & 0o7777:
            os.chmod(path, mode & 0o7777)
