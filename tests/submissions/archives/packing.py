"""Packs a tree (path → content) the ways students do."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

PACKAGE = "g2c.nn"
REQUIRED = ("modules.py", "loss.py", "optim.py", "train.py")

Tree = Mapping[str, bytes]


def honest_tree(under: str = "") -> dict[str, bytes]:
    """Return a small but complete hand-in, below the folder `under` ("" or "x/")."""
    files = {
        "g2c/__init__.py": b"",
        "g2c/nn/__init__.py": b"from g2c.nn.modules import Linear\n",
        "g2c/nn/modules.py": "class Linear:\n    '''y = x·W + b'''\n".encode(),
        "g2c/nn/loss.py": b"class MSELoss: pass\n",
        "g2c/nn/optim.py": b"class SGD: pass\n",
        "g2c/nn/train.py": b"def train_one_epoch(): ...\n",
        "notebooks/03-nn.ipynb": b'{"cells": []}\n',
    }
    return {under + path: content for path, content in files.items()}


def as_zip(tree: Tree, compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.comment = comment
        for path, content in tree.items():
            archive.writestr(path, content)
    return buffer.getvalue()


class _Pipe(io.RawIOBase):
    """A sink that can't be rewound, which makes zipfile write data descriptors."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def,override]
        self.parts.append(bytes(data))
        return len(data)


def as_streamed_zip(tree: Tree, zip64: bool = False) -> bytes:
    """Return a zip as written to a pipe, with each file's sizes after its content."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for path, content in tree.items():
            with archive.open(path, "w", force_zip64=zip64) as file:
                file.write(content)
    return b"".join(pipe.parts)


def as_tar(tree: Tree, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for path, content in tree.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def as_tar_gz(tree: Tree, form: int = tarfile.PAX_FORMAT) -> bytes:
    return gzip.compress(as_tar(tree, form))


def as_folder(tree: Tree, root: Path) -> Path:
    for path, content in tree.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return root


def git(*arguments: str, at: Path) -> str:
    """Run git with nothing but the project's own settings; return what it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(at),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{
            f"GIT_{who}_{what}": "a@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = subprocess.run(
        ["git", *arguments], cwd=at, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def as_working_copy(tree: Tree, root: Path) -> Path:
    as_folder(tree, root)
    git("init", "-q", "-b", "main", at=root)
    git("add", "-A", at=root)
    git("commit", "-q", "--allow-empty", "-m", "hand in", at=root)
    return root


def as_bare_repository(tree: Tree, root: Path) -> Path:
    """Commit the tree in `root/work`, clone it bare, and return the clone."""
    work = as_working_copy(tree, root / "work")
    git("clone", "-q", "--bare", str(work), str(root / "bare.git"), at=root)
    return root / "bare.git"
