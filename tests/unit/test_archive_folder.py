"""A folder is read without following anything out of it."""

import os

import pytest

from grader.errors import RejectedError
from grader.submissions.archive import IntakeLimits, read_submission
from tests.submissions.archives.packing import PACKAGE, REQUIRED, as_folder, honest_tree


def codes(path, limits=None):
    with pytest.raises(RejectedError) as caught:
        read_submission(path, PACKAGE, REQUIRED, limits)
    return [rejection.code for rejection in caught.value.rejections]


@pytest.fixture
def folder(tmp_path):
    return as_folder(honest_tree(), tmp_path / "handin")


def test_links_are_refused_not_followed(folder, tmp_path):
    (tmp_path / "secret.py").write_text("labels = [1, 2, 3]")
    (folder / "g2c/nn/secret.py").symlink_to(tmp_path / "secret.py")
    (folder / "elsewhere").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder)
    assert codes(folder) == ["link"] * 3


def test_pipes_are_refused_without_waiting(folder):
    os.mkfifo(folder / "g2c/nn/pipe.py")
    assert codes(folder) == ["special-file"]


def test_leftover_folders_are_not_entered(folder):
    (folder / ".venv").mkdir()
    (folder / ".venv/python").symlink_to("/usr/bin/python3")
    (folder / "__pycache__").symlink_to(folder)
    assert read_submission(folder, PACKAGE, REQUIRED).ignored == (".venv", "__pycache__")


def test_a_huge_sparse_file_is_refused_unread(folder):
    with (folder / "data.bin").open("wb") as file:
        file.truncate(10**12)
    assert codes(folder) == ["file-too-big"]


def test_backslashes_and_bytes_that_are_no_text_are_refused(folder):
    (folder / "a\\b.py").write_text("")
    (folder / os.fsdecode(b"caf\xe9.py")).touch()
    assert sorted(codes(folder)) == ["backslash-path", "unsafe-path"]


def test_many_files_end_the_reading_early(folder):
    for number in range(60):
        (folder / f"{number}.txt").touch()
    assert codes(folder, IntakeLimits(files=50)) == ["too-many-files"]


def test_hopelessly_many_problems_end_the_reading_early(folder):
    for number in range(60):
        (folder / f"{number}.so").touch()
    assert len(codes(folder)) == 50


def test_deep_folders_are_refused_once(folder):
    (folder / "/".join(["d"] * 60)).mkdir(parents=True)
    assert codes(folder) == ["path-too-deep"]


def test_an_empty_folder_is_refused(tmp_path):
    assert codes(tmp_path) == ["empty"]
