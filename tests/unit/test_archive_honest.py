"""Honest hand-ins are accepted however they were packed, with the same digest."""

import io
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import RejectedError, UsageError
from grader.submissions.archive import IntakeLimits, read_archive_bytes, read_submission
from tests.submissions.archives import packing
from tests.submissions.archives.packing import PACKAGE, REQUIRED, honest_tree

LEFTOVERS = {
    "__MACOSX/g2c/._nn": b"resource fork",
    ".DS_Store": b"1",
    "g2c/nn/._loss.py": b"2",
    "g2c/nn/__pycache__/loss.cpython-311.pyc": b"3",
    "g2c/stray.pyc": b"4",
    ".git/config": b"[core]",
    ".git/hooks/post-checkout": b"#!/bin/sh",
    "notebooks/.ipynb_checkpoints/03-nn-checkpoint.ipynb": b"{}",
    ".vscode/settings.json": b"{}",
    ".idea/workspace.xml": b"<x/>",
    "g2c/nn/.train.py.swp": b"5",
    "g2c/nn/train.py~": b"6",
    ".venv/lib/python3.11/site-packages/torch/lib/libtorch.so": b"7",
    "node_modules/a/b.js": b"8",
    ".pytest_cache/README.md": b"9",
    "g2c.egg-info/PKG-INFO": b"10",
}

PACKERS = {
    "zip": packing.as_zip,
    "stored zip": lambda tree: packing.as_zip(tree, zipfile.ZIP_STORED),
    "zip with a comment": lambda tree: packing.as_zip(tree, comment=b"0f3c" * 10),
    "streamed zip": packing.as_streamed_zip,
    "streamed zip64": lambda tree: packing.as_streamed_zip(tree, zip64=True),
    "tar.gz": packing.as_tar_gz,
    "GNU tar.gz": lambda tree: packing.as_tar_gz(tree, tarfile.GNU_FORMAT),
    "ustar tar.gz": lambda tree: packing.as_tar_gz(tree, tarfile.USTAR_FORMAT),
    "plain tar": packing.as_tar,
}


def read(data, limits=None):
    return read_archive_bytes(data, "handin", PACKAGE, REQUIRED, limits)


EXPECTED = read(packing.as_zip(honest_tree()))


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("under", ["", "repo-main/", "my homework/3. Übung/src/"])
def test_every_packing_gives_the_same_submission(packer, under):
    submission = read(PACKERS[packer](honest_tree(under)))
    assert submission.files == honest_tree()
    assert submission.digest == EXPECTED.digest
    assert submission.ignored == ()


@pytest.mark.parametrize("packer", PACKERS)
def test_leftovers_are_ignored_and_listed(packer):
    submission = read(PACKERS[packer]({**honest_tree(), **LEFTOVERS}))
    assert submission.digest == EXPECTED.digest
    assert ".git" in submission.ignored and "g2c/nn/__pycache__" in submission.ignored
    assert len(submission.ignored) == len(LEFTOVERS) - 1  # one line for .git


def test_folder_and_repositories_give_the_same_submission(tmp_path):
    tree = {**honest_tree("repo/"), ".gitattributes": b"* text\n"}
    folder = packing.as_folder(tree, tmp_path / "folder")
    working_copy = packing.as_working_copy(tree, tmp_path / "copy")
    bare = packing.as_bare_repository(tree, tmp_path)
    for path in (folder, working_copy, bare):
        assert read_submission(path, PACKAGE, REQUIRED).digest == EXPECTED.digest


def test_archive_files_are_known_by_content_not_by_name(tmp_path):
    path = tmp_path / "homework.docx"
    path.write_bytes(packing.as_zip(honest_tree()))
    assert read_submission(path, PACKAGE, REQUIRED).digest == EXPECTED.digest


def test_nothing_at_the_path_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no file or folder"):
        read_submission(tmp_path / "nowhere", PACKAGE, REQUIRED)


def test_folder_entries_and_leading_dot_are_fine():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for folder in (".", "./g2c", "./g2c/nn"):
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o2755  # set-group-ID on folders is common
            archive.addfile(member)
        for path, content in honest_tree("./").items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert read(buffer.getvalue()).digest == EXPECTED.digest


def test_commit_comment_of_git_archive_is_fine(tmp_path):
    copy = packing.as_working_copy(honest_tree(), tmp_path / "copy")
    for form in ("zip", "tar.gz"):
        packing.git("archive", "--prefix=repo-main/", "-o", f"../out.{form}", "HEAD", at=copy)
        assert read((tmp_path / f"out.{form}").read_bytes()).digest == EXPECTED.digest


def test_long_names_survive_every_tar_form():
    long = {"notes/" + "n" * 90 + "/" + "m" * 90 + ".txt": b"x"}
    want = read(packing.as_zip({**honest_tree(), **long})).digest
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert read(packing.as_tar_gz({**honest_tree(), **long}, form)).digest == want


def test_names_are_the_same_in_either_normal_form():
    composed = read(packing.as_zip({**honest_tree(), "notes/\u00e9.txt": b"x"}))
    decomposed = read(packing.as_zip({**honest_tree(), "notes/e\u0301.txt": b"x"}))
    assert composed.digest == decomposed.digest


def test_saved_weights_are_data_not_path_configuration():
    submission = read(packing.as_zip({**honest_tree(), "mlp.pth": b"PK\x03\x04weights"}))
    assert "mlp.pth" in submission.files


def test_digest_depends_on_names_and_contents():
    renamed = {**honest_tree(), "a": b"bc"}, {**honest_tree(), "ab": b"c"}, {**honest_tree(), "a": b"bd"}
    digests = {read(packing.as_zip(tree)).digest for tree in renamed}
    assert len(digests) == 3 and all(digest.startswith("sha256:") for digest in digests)


def test_limits_are_exact():
    tree = honest_tree()
    size, count = sum(map(len, tree.values())), len(tree)
    for packer in PACKERS.values():
        read(packer(tree), IntakeLimits(total_bytes=size, files=count))
        with pytest.raises(RejectedError, match="unpacks to more"):
            read(packer(tree), IntakeLimits(total_bytes=size - 1))
        with pytest.raises(RejectedError, match="more than 6 files"):
            read(packer(tree), IntakeLimits(files=count - 1))


PATHS = st.lists(
    st.text(st.sampled_from("abcxyz019_é-"), min_size=1, max_size=8), min_size=1, max_size=4
).map("/".join)


@st.composite
def trees(draw):
    contents = draw(st.dictionaries(PATHS, st.binary(max_size=200), max_size=8))
    return {
        **honest_tree(),
        **{f"extra{n}/{path}": content for n, (path, content) in enumerate(contents.items())},
    }


@given(tree=trees())
@settings(max_examples=60)
def test_any_honest_tree_keeps_its_digest(tree, tmp_path_factory):
    folder = packing.as_folder(tree, tmp_path_factory.mktemp("tree"))
    digests = {read(packer(tree)).digest for packer in PACKERS.values()}
    assert digests == {read_submission(folder, PACKAGE, REQUIRED).digest}
