# ruff: noqa: PTH100, PTH101, PTH103, PTH110, PTH112, PTH113, PTH114, PTH118, PTH120, PTH123, PTH207, PTH211, RUF100
"""The plain harness for git: clones what a student pushed, with everything on, and packs it for the tests.

It runs in a throwaway machine, with git set as it came years ago. Argument: JSON with `files`, the payload's
files, and `token`. Output: JSON that says what went wrong, each thing under the word that attacks name it by.
"""

from __future__ import annotations

import glob
import io
import json
import os
import shlex
import socket
import subprocess
import sys
import tarfile
import threading

ADA, CLONE, GRADED, TESTS = "/course/ada", "/course/clone", "/course/graded", "/course/tests"
SECRET = "the expected value of hidden test 7"
PORT = 8099
ENOUGH_FILES, ENOUGH_BYTES, ENOUGH_REFERENCES = 2_000, 64 * 1024**2, 1_000
EMPTY_TAR = bytes(10240)
CAPS = "ulimit -t 10; "
AS_YEARS_AGO = """
[protocol "ext"]
    allow = always
[protocol "file"]
    allow = always
[core]
    protectHFS = false
    protectNTFS = false
[transfer]
    fsckObjects = false
[safe]
    directory = *
[user]
    name = course
    email = course@example.org
[init]
    defaultBranch = main
# as git-lfs: content comes from where .lfsconfig says
[filter "lfs"]
    smudge = python3 /harness/large_files.py
"""


def main() -> None:
    """Run the harness; print the report."""
    settings, found = json.loads(sys.argv[1]), dict[str, str]()
    contacts = listen()
    make_hidden_tests()
    make_hand_in(settings["files"])
    git("init", "--quiet", GRADED)
    before = files_outside()
    fetch(found)
    pack(found)
    look_at(CLONE, found)
    look_at(GRADED, found)
    git("-C", GRADED, "add", "--all")
    git("-C", GRADED, "commit", "--quiet", "-m", "graded")
    if os.path.exists("/course/proof"):
        with open("/course/proof") as file:
            if settings["token"] in file.read():
                found["executed"] = "a program of the hand-in ran"
    if contacts:
        found["listener"] = f"an address that the hand-in names was asked {len(contacts)} times"
    if new := files_outside() - before - {"/course/proof"}:
        found["outside"] = f"{sorted(new)[0]} was written"
    print(json.dumps(found))


def git(*arguments: str, caps: str = CAPS) -> subprocess.CompletedProcess[bytes]:
    """Run git as this course does."""
    command = caps + shlex.join(["git", *arguments])
    return subprocess.run(["sh", "-c", command], cwd="/course", capture_output=True, timeout=40)


def listen() -> list[str]:
    """Listen on loopback; return a list that grows with each connection."""
    contacts: list[str] = []
    server = socket.create_server(("127.0.0.1", PORT))

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            contacts.append("tcp")
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return contacts


def make_hidden_tests() -> None:
    """Make the course's repository of hidden tests, on the same machine."""
    for folder in (f"{ADA}/g2c/nn", TESTS, "/course/home"):
        os.makedirs(folder)
    with open("/course/home/.gitconfig", "w") as file:
        file.write(AS_YEARS_AGO)
    with open(f"{TESTS}/test_hidden.py", "w") as file:
        file.write(SECRET)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "tests"]):
        git("-C", TESTS, *words)


def make_hand_in(files: dict[str, str]) -> None:
    """Make the student's repository: honest work, then what the payload's script does to it."""
    for name, text in files.items():
        os.makedirs(os.path.dirname(f"/course/payload/{name}") or ".", exist_ok=True)
        with open(f"/course/payload/{name}", "w") as file:
            file.write(text.replace("@PROOF@", "/course/proof").replace("@LISTENER@", f"127.0.0.1:{PORT}"))
    git("init", "--quiet", ADA)
    with open(f"{ADA}/g2c/nn/loss.py", "w") as file:
        file.write("class MSELoss: pass\n")
    for words in (["add", "--all"], ["commit", "--quiet", "-m", "work"]):
        git("-C", ADA, *words)
    done = subprocess.run(
        ["sh", "-e", "/course/payload/make.sh"],
        env={**os.environ, "PAYLOAD": "/course/payload"},
        cwd=ADA,
        capture_output=True,
    )
    if done.returncode:
        sys.exit(f"the payload can't be made: {done.stderr.decode()}")


def fetch(found: dict[str, str]) -> None:
    """Clone with submodules and all references, and check every branch out."""
    done = git(
        "clone",
        "--quiet",
        "--recurse-submodules",
        "--config",
        "remote.origin.fetch=+refs/*:refs/*",
        ADA,
        CLONE,
    )
    print(done.stderr.decode()[-500:], file=sys.stderr)
    if done.returncode in (137, 152):
        found["time"] = "the clone took more than 10 s of processor time"
    branches = git("-C", CLONE, "branch", "--format=%(refname:short)").stdout.decode().splitlines()
    if len(branches) > ENOUGH_REFERENCES:
        found["disk"] = f"{len(branches):,} branches"
    for branch in branches[:20]:
        subprocess.run(f"git checkout -q {branch}", shell=True, cwd=CLONE, capture_output=True)
    git("-C", CLONE, "checkout", "--quiet", "--force", "main")


def pack(found: dict[str, str]) -> None:
    """Pack what is to be graded, and unpack it where the tests are."""
    archive = git("-C", CLONE, "archive", "main", caps="ulimit -f 262144; " + CAPS).stdout
    if len(archive) > ENOUGH_BYTES:
        found["disk"] = f"an archive of {len(archive) // 1024**2} MiB"
        return
    with tarfile.open(fileobj=io.BytesIO(archive or EMPTY_TAR)) as packed:
        packed.extractall(GRADED)
    listed = git("-C", CLONE, "ls-tree", "-r", "-z", "--name-only", "main").stdout.decode().split("\0")
    if len(listed) > ENOUGH_FILES:
        return
    for name in filter(None, listed):
        committed = git("--no-replace-objects", "-C", ADA, "cat-file", "blob", f"main:{name}").stdout
        if not archive:  # git would not: so this course asks for each file, as libraries and hosts' APIs do
            write(f"{GRADED}/{name}", committed)
        for path in (f"{GRADED}/{name}", f"{CLONE}/{name}"):
            if os.path.islink(path):
                continue
            if not os.path.isfile(path):
                found.setdefault("shadowed", f"{name} was checked, and is not graded")
                continue
            with open(path, "rb") as file:
                if committed and file.read() != committed:
                    found.setdefault("shadowed", f"{name} is not the file that was checked")


def write(path: str, content: bytes) -> None:
    """Write a file of the hand-in, which may be a script."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755)


def look_at(folder: str, found: dict[str, str]) -> None:
    """See how much there is, and whether something in it reads the hidden tests."""
    count = size = 0
    for place, names, files in os.walk(folder):
        names[:] = [name for name in names if name != ".git"]
        for name in files:
            path = os.path.join(place, name)
            count, size = count + 1, size + os.lstat(path).st_size
            if count > ENOUGH_FILES or size > ENOUGH_BYTES:
                found["disk"] = (
                    f"more than {ENOUGH_FILES:,} files or {ENOUGH_BYTES // 1024**2} MiB in the clone"
                )
                return
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    if SECRET.encode() in file.read():
                        found["linked"] = f"{name} reads the hidden tests"


def files_outside() -> set[str]:
    """Return the files beside those folders that the harness writes."""
    return {path for path in glob.glob("/course/*") + glob.glob("/tmp/*") if path not in (ADA, CLONE, GRADED)}


if __name__ == "__main__":
    main()
