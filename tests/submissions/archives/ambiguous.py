"""Archives that two programs read differently, each with the code that intake must refuse it with.

The lie is always about `g2c/nn/loss.py`: one program finds the honest file, another finds EVIL in its place.
"""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

from tests.submissions.archives.packing import as_tar, as_zip, honest_tree

NAME, OTHER = "g2c/nn/loss.py", "g2c/nn/info.py"
EVIL = b"raise SystemExit(0)  # not what was checked\n"
END_BYTES, MIB = 22, 1024**2


def without_loss() -> dict[str, bytes]:
    return {path: content for path, content in honest_tree().items() if path != NAME}


def zip_of(*entries: tuple[str, bytes, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return an honest zip without `loss.py`, with these entries (name, content, extra field) at its end."""
    buffer = io.BytesIO(as_zip(without_loss()))
    with zipfile.ZipFile(buffer, "a", compression) as archive:
        for name, content, extra in entries:
            info = zipfile.ZipInfo(name)
            info.extra = extra
            archive.writestr(info, content, compression)
    return buffer.getvalue()


def field(field_id: int, content: bytes) -> bytes:
    return struct.pack("<HH", field_id, len(content)) + content


def second_name(name: str, second: str) -> bytes:
    return field(0x7075, b"\1" + struct.pack("<I", zlib.crc32(name.encode())) + second.encode())


def zip_with_second_name() -> bytes:
    """The field for names in Unicode calls another file `loss.py`: Info-ZIP goes by it, Python does not."""
    return zip_of((NAME, b"class MSELoss: pass\n", b""), (OTHER, EVIL, second_name(OTHER, NAME)))


def zip_with_two_second_names() -> bytes:
    names = second_name(NAME, NAME) + second_name(NAME, OTHER)
    return zip_of((NAME, b"class MSELoss: pass\n", names))


def two_zips() -> bytes:
    """An archive before the archive: some programs take the first end that they meet, others the last."""
    return zip_of((NAME, EVIL, b"")) + zip_of((NAME, b"class MSELoss: pass\n", b""))


def zip_of_quoted_headers(files: int = 100, kernel_bytes: int = MIB) -> bytes:
    """Each file's packed bytes are those of all that follow, their headers quoted: no two share a header."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = bytes(kernel_bytes)
    packed = kernel.compress(content) + kernel.flush()
    body, entries = b"", list[tuple[bytes, int, int, int]]()
    for number in reversed(range(files)):
        name = b"data/%03d.bin" % number
        crc, size, kept = zlib.crc32(content), len(content), len(packed)
        header = (
            struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, crc, kept, size, len(name), 0) + name
        )
        entries.append((name, crc, kept, size))
        body = header + packed
        # A stored block of deflate holds the header as it is; the next file's packed bytes follow.
        packed = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + body
        content = header + content
    listing = b""
    for name, crc, kept, size in reversed(entries):
        offset = len(body) - kept - 30 - len(name)
        listing += struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            *(b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, kept, size, len(name), 0, 0, 0, 0, 0, offset),
        )
        listing += name
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, files, files, len(listing), len(body), 0)
    return body + listing + end


def zip_with_two_sizes_in_zip64() -> bytes:
    one, two = (field(1, struct.pack("<QQ", n, n)) for n in (20, 4))
    data = zip_of((NAME, b"class MSELoss: pass\n", one + two))
    name = NAME.encode()
    data = data.replace(struct.pack("<II", 20, 20), b"\xff" * 8)
    assert data.count(name) == 2
    return data


def zip_with_two_lists() -> bytes:
    """A zip64 record that names another list of files than the plain record at the end does."""
    honest, evil = zip_of((NAME, b"class MSELoss: pass\n", b"")), zip_of((NAME, EVIL, b""))
    count, size, offset = struct.unpack_from("<HII", evil, len(evil) - END_BYTES + 10)
    files, listing = evil[:offset], evil[offset : offset + size]
    own_count, own_size, own_offset = struct.unpack_from("<HII", honest, len(honest) - END_BYTES + 10)
    own_listing = bytearray(honest[own_offset : own_offset + own_size])
    at = 0
    while at < len(own_listing):  # the honest list, moved behind the other files
        lengths = struct.unpack_from("<HHH", own_listing, at + 28)
        (start,) = struct.unpack_from("<I", own_listing, at + 42)
        struct.pack_into("<I", own_listing, at + 42, start + len(files))
        at += 46 + sum(lengths)
    body = files + honest[:own_offset] + listing
    place = len(body)
    body += own_listing
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, own_count, own_count, own_size, place)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(body), 1)
    narrow = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, place - size, 0)
    return body + record + locator + narrow


def zip_with_a_file_in_a_file() -> bytes:
    """A stored file whose end stands behind it, with another file's header inside."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(NAME, EVIL)
    hidden = inner.getvalue()[: 30 + len(NAME) + len(EVIL)]
    descriptor = struct.pack("<4sIII", b"PK\7\x08", 0, 4, 4)
    content = b"data" + descriptor + hidden
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 8, 0, 0, 33, 0, 0, 0, 8, 0) + b"data.bin"
    crc, size = zlib.crc32(content), len(content)
    first = header + content + struct.pack("<4sIII", b"PK\7\x08", crc, size, size)
    rest = as_zip(honest_tree())
    _, _, count, count2, length, offset, _ = struct.unpack_from("<HHHHIIH", rest, len(rest) - END_BYTES + 4)
    listing, at = bytearray(rest[offset : offset + length]), 0
    while at < len(listing):
        lengths = struct.unpack_from("<HHH", listing, at + 28)
        (start,) = struct.unpack_from("<I", listing, at + 42)
        struct.pack_into("<I", listing, at + 42, start + len(first))
        at += 46 + sum(lengths)
    mine = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 8, 0, 0, 33, crc, size, size, 8, 0, 0, 0, 0, 0, 0
    )
    listing = mine + b"data.bin" + listing
    end = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, count + 1, count2 + 1, len(listing), len(first) + offset, 0
    )
    return first + rest[:offset] + listing + end


def zip_with_sizes_before_a_descriptor() -> bytes:
    """The size before the content says 4 bytes; the one behind it, and the list, say all."""
    data = zip_of((NAME, EVIL + b"# and more", b""))
    size = len(EVIL) + 10
    crc = struct.pack("<I", zlib.crc32(EVIL + b"# and more"))
    local, listed = data.index(NAME.encode()) - 30, data.rindex(NAME.encode()) - 46
    (start,) = struct.unpack_from("<I", data, len(data) - END_BYTES + 16)
    descriptor = b"PK\7\x08" + crc + struct.pack("<II", size, size)
    changed = bytearray(data)
    changed[local + 6] |= 8
    changed[listed + 8] |= 8
    struct.pack_into("<II", changed, local + 18, 4, 4)
    struct.pack_into("<I", changed, len(data) - END_BYTES + 16, start + len(descriptor))
    return bytes(changed[:start]) + descriptor + bytes(changed[start:])


def zip_with_content_in_a_folder() -> bytes:
    return zip_of((NAME, b"class MSELoss: pass\n", b""), ("g2c/nn/data/", EVIL, b""))


def member(name: str, content: bytes, **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for key, value in changes.items():
        setattr(made, key, value)
    return made, content


def tar_hiding_a_tar_behind_a_size() -> bytes:
    """The pax size says that the file holds a whole archive; the plain size says that it is empty."""
    inner = as_tar({NAME: EVIL})[:1024]
    made, _ = member("data.bin", b"", pax_headers={"size": str(len(inner))})
    return gzip.compress(made.tobuf(tarfile.PAX_FORMAT) + inner + as_tar(without_loss()))


def tar_with_files_behind_a_link() -> bytes:
    """A hard link that says it has content: the honest file, for programs that take links to have none."""
    honest = as_tar({NAME: b"class MSELoss: pass\n"})[:1024]
    link = tarfile.TarInfo(".venv/link")
    link.type, link.linkname, link.size = tarfile.LNKTYPE, "g2c/nn/optim.py", len(honest)
    rest = as_tar(without_loss())
    return gzip.compress(as_tar({NAME: EVIL})[:1024] + link.tobuf(tarfile.USTAR_FORMAT) + honest + rest)


def tar_with_two_names() -> bytes:
    """A GNU long name and a pax path, for the same file."""
    name = OTHER.encode() + b"\0"
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, len(name)
    made, _ = member(NAME, b"", pax_headers={"path": NAME})
    made.size = len(EVIL)
    body = long.tobuf(tarfile.GNU_FORMAT) + name.ljust(512, b"\0")
    body += made.tobuf(tarfile.PAX_FORMAT) + EVIL.ljust(512, b"\0")
    return gzip.compress(body + as_tar(without_loss()))


def tar_with_two_pax_headers() -> bytes:
    headers = b""
    for name in (OTHER, NAME):
        record = b"%d path=%s\n" % (len(name) + 9, name.encode())
        extended = tarfile.TarInfo("pax")
        extended.type, extended.size = tarfile.XHDTYPE, len(record)
        headers += extended.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0")
    made, _ = member("x.py", EVIL)
    body = headers + made.tobuf(tarfile.USTAR_FORMAT) + EVIL.ljust(512, b"\0")
    return gzip.compress(body + as_tar(without_loss()))


# name of the case → (the code that must be among the rejections, how to build it)
CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "second name in an extra field": ("zip-inconsistent", zip_with_second_name),
    "two archives in one": ("archive-extra-data", two_zips),
    "headers quoted in packed bytes": ("zip-overlap", zip_of_quoted_headers),
    "two second names": ("zip-inconsistent", zip_with_two_second_names),
    "two sizes in zip64": ("zip-inconsistent", zip_with_two_sizes_in_zip64),
    "two lists of files": ("zip-inconsistent", zip_with_two_lists),
    "file in a stored file": ("zip-inconsistent", zip_with_a_file_in_a_file),
    "another size before a descriptor": ("zip-inconsistent", zip_with_sizes_before_a_descriptor),
    "content in a folder": ("zip-inconsistent", zip_with_content_in_a_folder),
    "tar behind a size": ("unsupported-entry", tar_hiding_a_tar_behind_a_size),
    "files behind a link": ("unsupported-entry", tar_with_files_behind_a_link),
    "a long name and a pax path": ("unsupported-entry", tar_with_two_names),
    "two pax headers": ("unsupported-entry", tar_with_two_pax_headers),
}
