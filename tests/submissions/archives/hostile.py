"""Archives built to hurt, each with the code that intake must refuse it with.

They are built on demand: some are big, and the bytes of others say less than their recipe.
"""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import unicodedata
import warnings
import zipfile
from collections.abc import Callable

from tests.submissions.archives import ambiguous
from tests.submissions.archives.packing import as_tar, as_zip, honest_tree

MIB = 1024**2
END_BYTES = 22


def zip_with(
    path: str, content: bytes = b"x", mode: int = 0o644, system: int = 3, **changes: object
) -> bytes:
    """Return an honest zip with one more entry, made as told."""
    buffer = io.BytesIO(as_zip(honest_tree()))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("placeholder")
        info.filename = path
        info.create_system = system
        info.external_attr = mode << 16
        for name, value in changes.items():
            setattr(info, name, value)
        archive.writestr(info, content)
    return buffer.getvalue()


def zip_twice(first: str, second: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of duplicates
        buffer = io.BytesIO(as_zip(honest_tree()))
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr(first, b"1")
            archive.writestr(second, b"2")
    return buffer.getvalue()


def tar_with(path: str, content: bytes = b"", **changes: object) -> bytes:
    """Return an honest tar with one more member, made as told."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in honest_tree().items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        member = tarfile.TarInfo(path)
        member.size = len(content)
        for name, value in changes.items():
            setattr(member, name, value)
        archive.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


def patched(data: bytes, position: int, replacement: bytes) -> bytes:
    return data[:position] + replacement + data[position + len(replacement) :]


def in_central_header(data: bytes, name: bytes, offset: int, replacement: bytes) -> bytes:
    """Change bytes of the central header of the entry `name`."""
    return patched(data, data.rindex(name) - 46 + offset, replacement)


def in_local_header(data: bytes, name: bytes, offset: int, replacement: bytes) -> bytes:
    return patched(data, data.index(name) - 30 + offset, replacement)


def zip_bomb_of_zeros() -> bytes:
    return as_zip({**honest_tree(), **{f"zeros{i}.bin": bytes(30 * MIB) for i in range(3)}})


def zip_bomb_by_lzma() -> bytes:
    zeros = {f"zeros{i}.bin": bytes(30 * MIB) for i in range(3)}
    return as_zip({**honest_tree(), **zeros}, zipfile.ZIP_LZMA)


def zip_lying_about_size() -> bytes:
    """40 MiB of zeros that both headers declare as 10 bytes."""
    data = as_zip({**honest_tree(), "zeros.bin": bytes(40 * MIB)})
    ten = struct.pack("<I", 10)
    return in_central_header(in_local_header(data, b"zeros.bin", 22, ten), b"zeros.bin", 24, ten)


def zip_overlapping() -> bytes:
    """Two central entries that name the same local entry: the trick of the best zip bombs."""
    data = as_zip({**honest_tree(), "bomb1.bin": bytes(MIB), "bomb2.bin": bytes(MIB)})
    first = data[data.rindex(b"bomb1.bin") - 46 :][42:46]
    return in_central_header(data, b"bomb2.bin", 42, first)


def zip_of_many() -> bytes:
    return as_zip({**honest_tree(), **{f"data/{i}.txt": b"" for i in range(100_000)}}, zipfile.ZIP_STORED)


def zip_with_hidden_gap() -> bytes:
    """Bytes between the last entry and the central directory, where a second program may look."""
    data = as_zip(honest_tree())
    end = len(data) - END_BYTES
    (start,) = struct.unpack_from("<I", data, end + 16)
    data = patched(data, end + 16, struct.pack("<I", start + 6))
    return data[:start] + b"hidden" + data[start:]


def zip_with_wrong_content() -> bytes:
    data = as_zip(honest_tree(), zipfile.ZIP_STORED)
    return patched(data, data.index(b"class SGD"), b"klass")


def zip_encrypted() -> bytes:
    data = as_zip(honest_tree())
    return in_central_header(in_local_header(data, b"g2c/nn/loss.py", 6, b"\1"), b"g2c/nn/loss.py", 8, b"\1")


def gzip_bomb() -> bytes:
    return gzip.compress(as_tar({**honest_tree(), **{f"zeros{i}.bin": bytes(30 * MIB) for i in range(3)}}))


def gzip_bomb_among_leftovers() -> bytes:
    """What is ignored must be unpacked to be skipped, so it counts too."""
    zeros = bytes(30 * MIB)
    return gzip.compress(as_tar({**honest_tree(), **{f".venv/zeros{i}.bin": zeros for i in range(6)}}))


def tar_block(name: bytes, kind: bytes, size_field: bytes) -> bytes:
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108] = b"0000644\0"
    block[124:136] = size_field
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % (sum(block) + 8 * 32)
    return bytes(block)


def tar_with_block(name: bytes, kind: bytes, size_field: bytes, content: bytes = b"") -> bytes:
    return gzip.compress(tar_block(name, kind, size_field) + content + as_tar(honest_tree()))


def tar_of_chained_headers() -> bytes:
    """140,000 extended headers before one file: deep recursion in careless readers."""
    record = b"11 path=ab\n".ljust(512, b"\0")
    return gzip.compress(
        (tar_block(b"pax", b"x", b"00000000013\0") + record) * 140_000 + as_tar(honest_tree())
    )


HONEST_ZIP = as_zip(honest_tree())
HONEST_TAR_GZ = gzip.compress(as_tar(honest_tree()))
DEEP = "/".join(["d"] * 21) + "/x.py"
UNIX_LINK, UNIX_PIPE, UNIX_DEVICE = 0o120777, 0o010644, 0o060644

# name of the case → (the codes that must be among the rejections, how to build it)
CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "no bytes": ("empty", lambda: b""),
    "text": ("not-an-archive", lambda: b"my homework"),
    "gzipped text": ("not-an-archive", lambda: gzip.compress(b"my homework" * 100)),
    "rar": ("unsupported-archive", lambda: b"Rar!\x1a\x07\x00"),
    "7-zip": ("unsupported-archive", lambda: b"7z\xbc\xaf\x27\x1c...."),
    "bzip2 tar": ("unsupported-archive", lambda: b"BZh91AY&SY"),
    "zip of nothing": ("empty", lambda: as_zip({})),
    "tar of nothing": ("empty", lambda: gzip.compress(as_tar({}))),
    "zip of leftovers": ("empty", lambda: as_zip({"__MACOSX/._x": b"1", ".DS_Store": b"2"})),
    "cut zip": ("archive-corrupt", lambda: HONEST_ZIP[:-200]),
    "cut tar.gz": ("archive-corrupt", lambda: HONEST_TAR_GZ[:-20]),
    "cut tar": ("archive-corrupt", lambda: as_tar(honest_tree())[:1500]),
    "gzip with wrong checksum": (
        "archive-corrupt",
        lambda: patched(HONEST_TAR_GZ, len(HONEST_TAR_GZ) - 8, b"\0\0\0\0"),
    ),
    "zip with wrong content": ("archive-corrupt", zip_with_wrong_content),
    "archive of 33 MiB": ("archive-too-big", lambda: b"PK\x03\x04" + bytes(33 * MIB)),
    "encrypted": ("encrypted", zip_encrypted),
    "bzip2 inside zip": ("unsupported-compression", lambda: as_zip(honest_tree(), zipfile.ZIP_BZIP2)),
    "lzma inside zip": ("unsupported-compression", lambda: as_zip(honest_tree(), zipfile.ZIP_LZMA)),
    "zip bomb": ("too-big", zip_bomb_of_zeros),
    "zip bomb by LZMA": ("unsupported-compression", zip_bomb_by_lzma),
    "zip with one huge file": ("file-too-big", lambda: as_zip({**honest_tree(), "big": bytes(33 * MIB)})),
    "zip that lies about sizes": ("archive-corrupt", zip_lying_about_size),
    "zip with overlapping entries": ("zip-overlap", zip_overlapping),
    "gzip bomb": ("too-big", gzip_bomb),
    "gzip bomb among leftovers": ("too-big", gzip_bomb_among_leftovers),
    "100,000 files in a zip": ("too-many-files", zip_of_many),
    "3,000 files in a tar": (
        "too-many-files",
        lambda: gzip.compress(as_tar({**honest_tree(), **{f"{i}.txt": b"" for i in range(3000)}})),
    ),
    "script before the zip": ("archive-extra-data", lambda: b"PK\x03\x04#!/bin/sh\n" + HONEST_ZIP),
    "script after the zip": ("archive-extra-data", lambda: HONEST_ZIP + b"\n#!/bin/sh\n"),
    "two zips in one": ("archive-extra-data", lambda: HONEST_ZIP + HONEST_ZIP),
    "zip in the comment": ("archive-extra-data", lambda: as_zip(honest_tree(), comment=as_zip({"a": b"1"}))),
    "gap in the zip": ("archive-extra-data", zip_with_hidden_gap),
    "bytes after the gzip": ("archive-extra-data", lambda: HONEST_TAR_GZ + b"more"),
    "bytes after the tar": ("archive-extra-data", lambda: gzip.compress(as_tar(honest_tree()) + b"more")),
    "headers with two names": (
        "zip-inconsistent",
        lambda: in_local_header(HONEST_ZIP, b"g2c/nn/loss.py", 30, b"g2c/nn/evil.py"),
    ),
    "headers with two sizes": (
        "zip-inconsistent",
        lambda: in_local_header(HONEST_ZIP, b"g2c/nn/loss.py", 22, b"\1\0\0\0"),
    ),
    "zip in parts": (
        "unsupported-archive",
        lambda: patched(HONEST_ZIP, len(HONEST_ZIP) - END_BYTES + 4, b"\1"),
    ),
    "parent path in a zip": ("unsafe-path", lambda: zip_with("../evil.py")),
    "parent path amid a name": ("unsafe-path", lambda: zip_with("g2c/../../evil.py")),
    "parent path among leftovers": ("unsafe-path", lambda: zip_with("__MACOSX/../../evil.py")),
    "absolute path in a zip": ("unsafe-path", lambda: zip_with("/etc/cron.d/evil")),
    "drive letter": ("unsafe-path", lambda: zip_with("C:/evil.py")),
    "backslashes": ("backslash-path", lambda: zip_with("g2c\\nn\\evil.py")),
    "parent by backslash": ("backslash-path", lambda: zip_with("..\\evil.py")),
    "NUL in a name": ("unsafe-path", lambda: zip_with("g2c/evil.py\0.txt")),
    "escape sequence in a name": ("unsafe-path", lambda: zip_with("g2c/\x1b[31mred.py")),
    "reversed text in a name": ("unsafe-path", lambda: zip_with("g2c/\u202eyp.py")),
    "dot part": ("unsafe-path", lambda: zip_with("g2c/./evil.py")),
    "empty part": ("unsafe-path", lambda: zip_with("g2c//evil.py")),
    "empty name": ("unsafe-path", lambda: zip_with("")),
    "name not in UTF-8": (
        "unsafe-path",
        lambda: tar_with("caf\udce9.py"),
    ),
    "parent path in a tar": ("unsafe-path", lambda: tar_with("../evil.py")),
    "absolute path in a tar": ("unsafe-path", lambda: tar_with("/evil.py")),
    "long path": ("path-too-long", lambda: zip_with("x" * 5000)),
    "deep path": ("path-too-deep", lambda: zip_with(DEEP)),
    "very deep path": ("path-too-long", lambda: zip_with("d/" * 1500 + "x.py")),
    "deep path in a tar": ("path-too-deep", lambda: tar_with(DEEP)),
    "symbolic link in a zip": ("link", lambda: zip_with("g2c/evil.py", b"/etc/passwd", UNIX_LINK)),
    "pipe in a zip": ("special-file", lambda: zip_with("g2c/evil.py", b"", UNIX_PIPE)),
    "device in a zip": ("special-file", lambda: zip_with("g2c/evil.py", b"", UNIX_DEVICE)),
    "set-user-ID in a zip": ("setuid", lambda: zip_with("g2c/evil.py", b"", 0o104755)),
    "symbolic link in a tar": (
        "link",
        lambda: tar_with("evil", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    ),
    "hard link in a tar": ("link", lambda: tar_with("evil", type=tarfile.LNKTYPE, linkname="g2c/nn/loss.py")),
    "pipe in a tar": ("special-file", lambda: tar_with("evil", type=tarfile.FIFOTYPE)),
    "character device in a tar": ("special-file", lambda: tar_with("zero", type=tarfile.CHRTYPE, devmajor=1)),
    "block device in a tar": ("special-file", lambda: tar_with("sda", type=tarfile.BLKTYPE, devmajor=8)),
    "set-group-ID in a tar": ("setuid", lambda: tar_with("evil", mode=0o2755)),
    "sparse file in a tar": ("unsupported-entry", lambda: tar_with("evil", type=tarfile.GNUTYPE_SPARSE)),
    "pax sparse file": (
        "unsupported-entry",
        lambda: tar_with("evil", b"x", pax_headers={"GNU.sparse.realsize": "99999999999"}),
    ),
    "global pax path": (
        "unsupported-entry",
        lambda: tar_with_block(b"g", b"g", b"00000000013\0", b"11 path=ab\n".ljust(512, b"\0")),
    ),
    "negative size in a tar": ("archive-corrupt", lambda: tar_with_block(b"a", b"0", b"\xff" * 12)),
    "vast size in a tar": ("file-too-big", lambda: tar_with_block(b"a", b"0", b"\x80" + b"\x7f" * 11)),
    "vast extended header": ("archive-corrupt", lambda: tar_with_block(b"a", b"x", b"77777777777\0")),
    "pax record of no length": (
        "archive-corrupt",
        lambda: tar_with_block(b"a", b"x", b"00000000013\0", b"0 path=abc\n".ljust(512, b"\0")),
    ),
    "negative pax size": ("archive-corrupt", lambda: tar_with("evil", b"x", pax_headers={"size": "-512"})),
    "140,000 chained headers": ("unsupported-entry", tar_of_chained_headers),
    "device of Windows": ("unsafe-path", lambda: zip_with("g2c/nn/nul.py")),
    "device of Windows as a folder": ("unsafe-path", lambda: zip_with("Aux/x.py")),
    "dot at the end": ("unsafe-path", lambda: zip_with("g2c/nn/loss.py.")),
    "space at the end": ("unsafe-path", lambda: zip_with("g2c/nn/loss.py ")),
    "letters of another width": ("name-collision", lambda: zip_twice("os.py", "ｏs.py")),
    "duplicate in a zip": ("duplicate-name", lambda: zip_twice("a.py", "a.py")),
    "duplicate in a tar": ("duplicate-name", lambda: tar_with("g2c/nn/loss.py", b"again")),
    "names that differ in case": ("name-collision", lambda: zip_twice("a.py", "A.py")),
    "folders that differ in case": ("name-collision", lambda: zip_twice("x/a.py", "X/b.py")),
    "names that differ in normal form": (
        "duplicate-name",
        lambda: zip_twice("é.py", unicodedata.normalize("NFD", "é.py")),
    ),
    "file and folder of one name": ("name-collision", lambda: zip_twice("a", "a/b.py")),
    "compiled module": ("off-limits-file", lambda: zip_with("g2c/nn/fast.cpython-311-x86_64-linux-gnu.so")),
    "versioned library": ("off-limits-file", lambda: zip_with("libevil.so.1")),
    "Windows library": ("off-limits-file", lambda: zip_with("g2c/nn/fast.PYD")),
    "sitecustomize": ("off-limits-file", lambda: zip_with("sitecustomize.py")),
    "usercustomize": ("off-limits-file", lambda: zip_with("g2c/usercustomize.py")),
    "path configuration": ("off-limits-file", lambda: zip_with("evil.pth", b"import os; os.system('id')\n")),
    "plugin entry point": (
        "off-limits-file",
        lambda: zip_with("g2c.egg-info/entry_points.txt", b"[pytest11]\nevil = g2c.evil\n"),
    ),
    **ambiguous.CASES,
}
