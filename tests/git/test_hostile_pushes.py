"""Contents that attack git or the grader: refused, or handed in without anything being run or fetched."""

import hashlib
import socket
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from grader.git.deciding import Decision
from grader.git.environment import HOOKS
from grader.git.gate import Question, Verdict, serve_gate
from grader.git.limits import GitLimits
from grader.git.pkt_lines import FLUSH, pkt_line
from grader.git.requests import NOTHING, Command
from grader.submissions.archive import read_archive_bytes
from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World
from tests.submissions.archives.packing import PACKAGE, REQUIRED, honest_tree


def entry(mode: str, name: bytes, content: str) -> bytes:
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(content)


def write(ada: Workplace, kind: str, content: bytes) -> str:
    """Put an object into the workplace as it is, unchecked; return its name."""
    header = f"{kind} {len(content)}".encode() + b"\0"
    name = hashlib.sha1(header + content).hexdigest()
    place = ada.folder / ".git" / "objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        place.write_bytes(zlib.compress(header + content))
    return name


def commit_tree(ada: Workplace, tree: str) -> str:
    person = b"A <a@example.org> 1700000000 +0000"
    text = b"tree %s\nauthor %s\ncommitter %s\n\nwork\n" % (tree.encode(), person, person)
    commit = write(ada, "commit", text)
    ada.git("update-ref", "refs/heads/main", commit)
    return commit


def with_entry(ada: Workplace, mode: str, name: bytes, content: str) -> str:
    """Commit an honest hand-in with one more entry at its root, whatever its name."""
    ada.commit()
    tree = ada.git("rev-parse", "HEAD^{tree}")
    raw = subprocess.run(
        ["git", "cat-file", "tree", tree], cwd=ada.folder, capture_output=True, check=True
    ).stdout
    return commit_tree(ada, write(ada, "tree", raw + entry(mode, name, content)))


BAD_NAMES = {
    "the git folder": b".git",
    "in capitals": b".GIT",
    "on Windows": b"git~1",
    "with an invisible character": ".g\u200cit".encode(),
    "above": b"..",
    "here": b".",
    "a path": b"a/b",
    "a modules file that is a link": b".gitmodules",
}


def test_names_that_attack_who_checks_out(site: Site, world: World, ada: Workplace):
    blob = write(ada, "blob", b"../../../etc/passwd")
    for what, name in BAD_NAMES.items():
        if name == b".gitmodules":
            with_entry(ada, "120000", name, blob)
        else:
            folder = write(ada, "tree", entry("100644", name, blob))
            commit_tree(ada, write(ada, "tree", entry("40000", b"g2c", folder)))
        pushed = ada.push()
        assert pushed.code == 1, what
        assert "remote unpack failed" in pushed.said, pushed.said
        ada.git("update-ref", "-d", "refs/heads/main")
        ada.git("read-tree", "--empty")
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []


def test_a_submodule_is_named_and_never_fetched(site: Site, world: World, ada: Workplace):
    ada.commit({**honest_tree(), ".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = file:///etc\n'})
    ada.git("update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},x")
    ada.git("commit", "--quiet", "-m", "with a submodule")
    pushed = ada.push()
    assert pushed.code == 0, pushed.said
    assert "x is a git submodule; its files are not part of the hand-in." in pushed.remote


def test_a_submodule_with_an_option_for_an_address(site: Site, world: World, ada: Workplace):
    bad = b'[submodule "x"]\n\tpath = x\n\turl = -u./payload\n'
    ada.commit({**honest_tree(), ".gitmodules": bad})
    pushed = ada.push()
    assert pushed.code == 1
    assert "gitmodulesUrl" in pushed.said


def test_attributes_change_nothing(site: Site, world: World, ada: Workplace):
    ada.commit(
        {
            **honest_tree(),
            ".gitattributes": b"* export-subst text eol=crlf filter=evil\ng2c/nn/optim.py export-ignore\n",
            "g2c/nn/loss.py": b"commit = '$Format:%H$'\n",
        }
    )
    assert ada.push().code == 0
    files = read_archive_bytes(site.archive(world.ada, 1), "x.zip", PACKAGE, REQUIRED).files
    assert files["g2c/nn/loss.py"] == b"commit = '$Format:%H$'\n"
    assert "g2c/nn/optim.py" in files


def test_large_file_storage_is_named_and_never_asked(site: Site, world: World, ada: Workplace):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 9\n"
    ada.commit({**honest_tree(), "weights.pt": pointer})
    said = ada.push().remote
    assert "weights.pt is kept in Git LFS: what is handed in is its pointer, not its content." in said


def test_nothing_in_the_repository_is_obeyed(site: Site, world: World, ada: Workplace, tmp_path: Path):
    """Even if someone could change its files: its hooks, helpers and alternates are not looked at."""
    ada.commit()
    ada.push()
    path = site.repository(world.ada).path
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    (path / "hooks").mkdir()
    for hook in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction"):
        (path / "hooks" / hook).symlink_to(trap)
    with (path / "config").open("a") as config:
        config.write(f"\thooksPath = {path}/hooks\n\tfsmonitor = {trap}\n\talternateRefsCommand = {trap}\n")
        config.write(f"[uploadpack]\n\tpackObjectsHook = {trap}\n[receive]\n\tfsckObjects = false\n")
        config.write(
            "[core]\n\tbare = false\n\tworktree = /\n[transfer]\n\tfsckObjects = false\n"
            "[http]\n\tgetanyfile = true\n"
        )
    (path / "objects" / "info").mkdir(exist_ok=True)
    (path / "objects" / "info" / "alternates").write_text(f"{ada.folder}/.git/objects\n")
    ada.commit({"more.txt": b"more"})
    assert ada.push().code == 0
    assert not (path / "objects" / "info" / "alternates").exists()
    site.workplace(world.ada, "elsewhere").git("fetch", "--quiet", "grader")
    assert not sprung.exists()


def test_the_service_s_own_settings_of_git_count_for_nothing(
    site: Site, world: World, ada: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\nexit 1\n")
    trap.chmod(0o755)
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH", "GIT_ASKPASS", "GIT_EDITOR", "GIT_PROXY_COMMAND"):
        monkeypatch.setenv(name, str(trap))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.hooksPath={tmp_path}'")
    ada.commit()
    assert ada.push().code == 0
    assert not sprung.exists() and not (tmp_path / "trace").exists()


def test_the_hook_asks_about_the_lines_that_git_gives_it(tmp_path: Path):
    """A name with a carriage return in it stays one name."""
    asked: list[Question] = []

    def decide(question: Question) -> Verdict:
        asked.append(question)
        return Verdict(False)

    name = f"refs/heads/x\r{NOTHING} {'b' * 40} refs/heads/main"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        hook = subprocess.Popen(
            [sys.executable, "-IS", HOOKS / "pre-receive"],
            env={"GRADER_CHANNEL": str(theirs.fileno()), "GIT_QUARANTINE_PATH": str(tmp_path)},
            stdin=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        )
        assert hook.stdin is not None
        hook.stdin.write(f"{NOTHING} {'a' * 40} {name}\n".encode())
        hook.stdin.close()
        serve_gate(ours, decide, GitLimits())
        assert hook.wait(60) == 1
    assert asked == [Question(tmp_path, (Command(NOTHING, "a" * 40, name),))]


def test_what_git_asks_about_is_what_the_push_asks_for(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    decide = Decision.decide

    def decide_on_less(decision: Decision, question: Question) -> Verdict:
        return decide(decision, replace(question, commands=question.commands[:1]))

    ada.commit()
    monkeypatch.setattr(Decision, "decide", decide_on_less)
    assert ada.push("main", "main:work").code == 1
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []


def test_a_bomb_of_folders(site: Site, world: World, ada: Workplace):
    """Ten folders, each ten times the one below: a pack of a kilobyte, 10^10 files."""
    tree = write(ada, "tree", entry("100644", b"f", write(ada, "blob", b"x")))
    for _ in range(10):
        tree = write(ada, "tree", b"".join(entry("40000", b"%d" % n, tree) for n in range(10)))
    commit_tree(ada, tree)
    pushed = ada.push()
    assert pushed.code == 1
    assert any("The hand-in holds more than 2,000 files." in line for line in pushed.remote), pushed.said
    assert site.submissions(world.ada) == []


def test_a_bomb_of_zeros(site: Site, world: World, ada: Workplace):
    """A few hundred kilobytes that unpack to a quarter of a gigabyte."""
    with (ada.folder / "zeros").open("wb") as file:
        file.truncate(256 * 1024**2)
    ada.commit()
    pushed = ada.push()
    assert pushed.code == 1
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []


def test_a_pack_that_claims_many_objects(site: Site, world: World, ada: Workplace):
    command = b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/main\0report-status side-band-64k"
    pack = b"PACK" + struct.pack(">II", 2, 2**31) + b"\0" * 100
    answer = site.post(ada, pkt_line(command) + FLUSH + pack)
    assert "This push has more than 50,000 objects." in answer.text


def test_a_long_history_comes_in(site: Site, world: World, ada: Workplace):
    stream = "".join(
        f"commit refs/heads/main\ncommitter A <a@example.org> {1_700_000_000 + n} +0000\n"
        f"data 4\nwork\nM 100644 inline n.txt\ndata 4\n{n}\n\n"
        for n in range(1000, 3000)
    )
    ada.git("fast-import", "--quiet", stdin=stream)
    ada.git("reset", "--quiet", "--hard")
    ada.commit()
    assert ada.push().code == 0
