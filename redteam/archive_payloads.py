"""The archive that an attack hands in, as its `[payload]` says.

    case = "zip bomb"            one of the hostile archives of tests/submissions/archives, or:
    form = "zip"                 an honest hand-in as "zip" or "tar", with these entries put in
    entries = [{name = "../x.py", text = "…", …}]

An entry is a file with `text`, `zeros` (so many bytes), `zips` (so many bombs in one) or `file` (a file of
the payload beside attack.toml). Or its `type` is "link", "hard link", "pipe", "character device", "block
device" or "folder", `to` is what it links to, and `mode` its permissions. `compiled = true` makes text into
Python's bytecode; `library` takes a compiled module of the standard library. Besides: `unpack`, how the
plain harness unpacks (see redteam/plain/unpackers.py), and `codes`, at least one of which intake must give
as the reason. `codes = []` with outcome N: it is taken, without what is hostile in it, or,
with `stays_data = true`, as bytes that nobody loads.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import io
import marshal
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from redteam.attack import Attack, AttackError
from tests.submissions.archives.hostile import CASES
from tests.submissions.archives.packing import as_tar, as_zip, honest_tree

KEYS = {"case", "form", "entries", "unpack", "codes", "stays_data"}
KINDS = {
    "file": (stat.S_IFREG, tarfile.REGTYPE),
    "folder": (stat.S_IFDIR, tarfile.DIRTYPE),
    "link": (stat.S_IFLNK, tarfile.SYMTYPE),
    "hard link": (0, tarfile.LNKTYPE),
    "pipe": (stat.S_IFIFO, tarfile.FIFOTYPE),
    "character device": (stat.S_IFCHR, tarfile.CHRTYPE),
    "block device": (stat.S_IFBLK, tarfile.BLKTYPE),
}
Entry = tuple[str, str, bytes, str, int]  # name, type, content, what it links to, permissions


def archive_of(attack: Attack, token: str) -> bytes:
    """Return the archive's bytes, with the token in them; AttackError if the payload makes no sense."""
    payload = attack.payload
    if unknown := payload.keys() - KEYS:
        raise AttackError(f"attack {attack.name}: [payload] has unknown keys: {sorted(unknown)}")
    if "case" in payload:
        return _built(payload["case"])
    entries = [_entry(entry, attack.with_token(token), token) for entry in payload["entries"]]
    taken = {name for name, *_ in entries}
    tree = {name: content for name, content in honest_tree().items() if name not in taken}
    return _zip(tree, entries) if payload["form"] == "zip" else _tar(tree, entries)


@functools.lru_cache(maxsize=4)
def _built(case: str) -> bytes:
    return CASES[case][1]()


def _entry(table: dict[str, Any], files: dict[str, bytes], token: str) -> Entry:
    content = table.get("text", "").replace("@TOKEN@", token).encode()
    if "zeros" in table:
        content = bytes(table["zeros"])
    if "zips" in table:  # an archive of so many archives of 30 MiB of zeros
        inner = as_zip({"zeros.bin": bytes(30 * 1024**2)})
        content = as_zip({f"{number}.zip": inner for number in range(table["zips"])})
    if "file" in table:
        content = files[table["file"]]
    if table.get("compiled"):
        code = compile(content, table["name"], "exec")
        # The flags say: don't look whether the source is still the same.
        content = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)
    if "library" in table:
        found = importlib.util.find_spec(table["library"])
        assert found is not None and found.origin is not None
        content = Path(found.origin).read_bytes()
    mode = table.get("mode", 0o644)
    return table["name"], table.get("type", "file"), content, table.get("to", ""), mode


def _zip(tree: dict[str, bytes], entries: list[Entry]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tree.items():
            archive.writestr(name, content)
        for name, kind, content, to, mode in entries:
            info = zipfile.ZipInfo("x")
            info.filename, info.create_system = name, 3
            info.external_attr = (KINDS[kind][0] | mode) << 16
            archive.writestr(info, to.encode() or content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _tar(tree: dict[str, bytes], entries: list[Entry]) -> bytes:
    buffer = io.BytesIO(as_tar(tree))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for name, kind, content, to, mode in entries:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode, member.size = KINDS[kind][1], to, mode, len(content)
            member.devmajor, member.devminor = 1, 3
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())
