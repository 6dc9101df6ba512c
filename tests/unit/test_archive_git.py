"""A bare git repository is read without running or following anything that it carries."""

import shutil
import subprocess
import zlib

import pytest

from grader import git_sandbox
from grader.errors import RejectedError
from grader.sandbox.interface import Finding
from grader.submissions.archive import IntakeLimits, read_submission
from tests.submissions.archives.packing import (
    PACKAGE,
    REQUIRED,
    as_bare_repository,
    as_folder,
    git,
    honest_tree,
)


def read(path, limits=None):
    return read_submission(path, PACKAGE, REQUIRED, limits)


def codes(path, limits=None):
    with pytest.raises(RejectedError) as caught:
        read(path, limits)
    return [rejection.code for rejection in caught.value.rejections]


@pytest.fixture
def bare(tmp_path):
    return as_bare_repository(honest_tree(), tmp_path)


def commit_tree(bare, tree):
    commit = git("commit-tree", "-m", "hand in", tree, at=bare)
    git("update-ref", "refs/heads/main", commit, at=bare)


def make_tree(bare, *lines):
    made = subprocess.run(
        ["git", "mktree", "--missing"],
        cwd=bare,
        input="".join(f"{line}\n" for line in lines),
        text=True,
        capture_output=True,
        check=True,
    )
    return made.stdout.strip()


def test_head_may_be_packed_loose_or_detached(bare):
    packed = read(bare)
    commit = git("rev-parse", "HEAD", at=bare)
    (bare / "packed-refs").unlink()
    (bare / "refs/heads/main").write_text(commit + "\n")
    loose = read(bare)
    (bare / "HEAD").write_text(commit + "\n")
    assert read(bare).digest == loose.digest == packed.digest


def test_what_is_committed_counts_not_what_is_on_disk(bare):
    (bare / "g2c").mkdir()
    assert set(read(bare).files) == set(honest_tree())


def test_the_configuration_of_the_repository_is_never_obeyed(bare, tmp_path):
    """A missing blob in a partial clone makes git run the remote's upload program."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\nexit 1\n")
    trap.chmod(0o755)
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": str(bare),
        "remote.evil.uploadpack": str(trap),
        "core.fsmonitor": str(trap),
        "core.hooksPath": str(tmp_path),
        "alias.ls-tree": f"!{trap}",
        "filter.evil.smudge": str(trap),
    }.items():
        git("config", key, value, at=bare)
    commit_tree(bare, make_tree(bare, f"100644 blob {'1' * 40}\tloss.py"))
    shutil.rmtree(bare / "refs" / "remotes", ignore_errors=True)
    assert codes(bare) == ["git-unreadable"]
    assert not (tmp_path / "sprung").exists()
    # the positive control: plain git falls into the trap
    subprocess.run(["git", "cat-file", "-p", "1" * 40], cwd=bare, capture_output=True, check=False)
    assert (tmp_path / "sprung").exists()


def test_the_callers_git_environment_is_not_inherited(bare, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "elsewhere"))
    assert set(read(bare).files) == set(honest_tree())


def test_content_borrowed_from_other_repositories_is_refused(bare):
    (bare / "objects/info").mkdir(exist_ok=True)
    (bare / "objects/info/alternates").write_text("/srv/other-student.git/objects\n")
    assert codes(bare) == ["git-alternates"]


def test_replaced_objects_are_not_followed(bare):
    blob = git("rev-parse", "HEAD:g2c/nn/loss.py", at=bare)
    other = git("rev-parse", "HEAD:g2c/nn/optim.py", at=bare)
    git("replace", blob, other, at=bare)
    assert read(bare).files["g2c/nn/loss.py"] == honest_tree()["g2c/nn/loss.py"]


def test_links_are_refused(tmp_path):
    work = as_folder(honest_tree(), tmp_path / "work")
    (work / "g2c/nn/link.py").symlink_to("/etc/passwd")
    assert codes(as_bare_repository({}, tmp_path)) == ["link"]


def test_submodules_are_noted_and_skipped(bare):
    tree = git("ls-tree", "HEAD", at=bare).splitlines()
    commit_tree(bare, make_tree(bare, *tree, f"160000 commit {'2' * 40}\tother"))
    submission = read(bare)
    assert set(submission.files) == set(honest_tree())
    assert any("submodule" in note for note in submission.notes)


def test_hostile_paths_in_a_tree_are_refused(bare):
    blob = git("rev-parse", "HEAD:g2c/nn/loss.py", at=bare)
    commit_tree(bare, make_tree(bare, f"100644 blob {blob}\t..\\evil.py", f"100644 blob {blob}\tfast.so"))
    assert codes(bare) == ["backslash-path", "off-limits-file"]


def test_a_tree_bomb_is_cut_off(bare):
    """Ten levels of ten entries each: 10^10 files from eleven objects."""
    blob = git("rev-parse", "HEAD:g2c/nn/loss.py", at=bare)
    entry = f"100644 blob {blob}"
    for _ in range(10):
        tree = make_tree(bare, *(f"{entry}\tf{n}" for n in range(10)))
        entry = f"040000 tree {tree}"
    commit_tree(bare, tree)
    assert codes(bare) == ["too-many-files"]


def test_a_tree_bomb_without_files_is_cut_off(bare):
    entry = f"040000 tree {make_tree(bare)}"
    for _ in range(10):
        tree = make_tree(bare, *(f"{entry}\tf{n}" for n in range(10)))
        entry = f"040000 tree {tree}"
    commit_tree(bare, tree)
    assert codes(bare) == ["too-many-files"]


def test_a_tree_bomb_of_submodules_is_cut_off(bare):
    """They have no content, and are entries all the same."""
    tree = make_tree(bare, *(f"160000 commit {'a' * 40}\tm{number}" for number in range(20)))
    for _ in range(4):
        tree = make_tree(bare, *(f"040000 tree {tree}\td{number}" for number in range(20)))
    commit_tree(bare, tree)
    assert codes(bare) == ["too-many-files"]


def test_many_submodules_are_not_all_named(bare):
    root = git("rev-parse", "HEAD^{tree}", at=bare)
    entries = git("ls-tree", root, at=bare).splitlines()
    commit_tree(bare, make_tree(bare, *entries, *(f"160000 commit {'a' * 40}\tm{n}" for n in range(200))))
    assert sum("submodule" in note for note in read(bare).notes) == 20


def test_slow_git_is_stopped(bare, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin/git"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(git_sandbox, "finding", lambda: Finding("", False, ""))  # in one, git is the real one
    assert codes(bare, IntakeLimits(git_s=0.2)) == ["git-unreadable"]


def test_an_object_that_lies_about_its_size_is_refused(bare):
    """A loose object whose header says 5 bytes and whose body unpacks to 200 MiB."""
    fake = "3" * 40
    (bare / "objects/33").mkdir()
    (bare / f"objects/33/{'3' * 38}").write_bytes(zlib.compress(b"blob 5\0" + bytes(200 * 1024**2)))
    commit_tree(bare, make_tree(bare, f"100644 blob {fake}\tloss.py"))
    assert codes(bare) == ["git-unreadable"]


@pytest.mark.parametrize(
    "head", ["", "ref: refs/heads/../../../etc/passwd", "ref: --upload-pack=x", "x" * 40]
)
def test_hostile_head(bare, head):
    (bare / "HEAD").write_text(head)
    assert codes(bare) == ["git-unreadable"]


def test_a_repository_without_commits_is_refused(tmp_path):
    git("init", "-q", "--bare", "-b", "main", "new.git", at=tmp_path)
    assert codes(tmp_path / "new.git") == ["empty"]


def test_a_damaged_repository_is_refused(bare):
    for pack in bare.glob("objects/pack/*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(b"PACK")
    for folder in bare.glob("objects/[0-9a-f][0-9a-f]"):
        shutil.rmtree(folder)
    assert codes(bare) == ["git-unreadable"]


def test_reading_leaves_the_repository_as_it_was(bare):
    def snapshot():
        return {path: path.stat().st_mtime_ns for path in bare.rglob("*")}

    before = snapshot()
    read(bare)
    assert snapshot() == before
