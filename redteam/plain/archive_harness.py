# ruff: noqa: PTH100, PTH101, PTH103, PTH110, PTH112, PTH113, PTH114, PTH118, PTH120, PTH123, PTH207, PTH211, RUF100
"""The plain harness for archives: looks through it, unpacks it, runs the tests in the folder.

It runs in a throwaway machine. Input: the archive. Argument: JSON with `unpack`, one of UNPACKERS. Output:
JSON that says what went wrong, each thing under the word that attacks name it by, in `fires`.
"""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import time
import zipfile

sys.path.insert(0, os.path.dirname(__file__))

from unpackers import UNPACKERS, listed, tar, write

ADA, BEN = "/course/submissions/ada", "/course/submissions/ben"
SECRET = "the expected value of hidden test 7"
ENOUGH_FILES, ENOUGH_BYTES, ENOUGH_MEMORY, ENOUGH_S = 10_000, 64 * 1024**2, 256 * 1024**2, 10.0
# The course's script: one process for hand-in and tests, with the folder on the path.
RUN_TESTS = f"""
import sys, site
site.addsitedir({ADA!r})
sys.path.insert(0, {ADA!r})
sys.path.insert(0, {ADA!r} + "/g2c/nn")
import glob, pickle
for weights in glob.glob({ADA!r} + "/**/*.pkl", recursive=True):
    with open(weights, "rb") as file:
        pickle.load(file)
import loss
for name in ("fast", "_queue"):
    try:
        __import__(name)
    except ImportError:
        pass
print([m.__file__ for m in sys.modules.values() if str(getattr(m, "__file__", "")).endswith(".so")])
"""


def main() -> None:
    """Run the harness; print the report."""
    settings, data, found = json.loads(sys.argv[1]), sys.stdin.buffer.read(), {}
    for folder in (ADA, f"{BEN}/g2c/nn", "/course/tests", "/course/home", "/etc/cron.d"):
        os.makedirs(folder)
    for path, text in ((f"{BEN}/g2c/nn/loss.py", "honest"), ("/course/tests/test_hidden.py", SECRET)):
        with open(path, "w") as file:
            file.write(text)
    started_s = time.process_time()
    checked, announced = look_through(data)
    before = outside()
    found |= unpack(settings["unpack"], data, announced)
    took_s = time.process_time() - started_s
    if took_s > ENOUGH_S:
        found["time"] = f"{took_s:.0f} s of processor time"
    changed = {path for path, state in outside().items() if before.get(path) != state}
    if changed:
        found["outside"] = f"{sorted(changed)[0]} was written"
    found |= look_at_files(checked, settings["unpack"])
    found |= run_tests(settings.get("token", ""))
    found |= clean_up()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if peak > ENOUGH_MEMORY:
        found.setdefault("memory", f"{peak // 1024**2} MiB of memory for {len(data) / 1024:.0f} KiB")
    print(json.dumps(found))


def look_through(data: bytes) -> tuple[dict[str, bytes], int]:
    """Return what the check reads before anything is unpacked, and how much the archive announces."""
    try:
        if data[:2] != b"PK":
            entries = list(itertools.islice(tar(data), ENOUGH_FILES))
            return {name: content for name, content, *_ in entries}, sum(len(e[1]) for e in entries)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()[:ENOUGH_FILES]
            announced = sum(info.file_size for info in infos)
            if announced > ENOUGH_BYTES:
                return {}, announced
            end = data.rfind(b"PK\x05\x06")
            if data.rfind(b"PK\x06\x06") >= 0 or data.find(b"PK\x05\x06") != end:
                return {info.filename: archive.read(info) for info in infos}, announced
        return {name: content for name, content, *_ in listed(data, end)}, announced
    except Exception as error:  # what can't be checked is let pass here
        print(repr(error), file=sys.stderr)
        return {}, len(data)


def unpack(how: str, data: bytes, announced: int) -> dict[str, str]:
    """Unpack; return what went wrong on the way."""
    files, size, found = 0, 0, {}
    try:
        for entry in UNPACKERS[how](data):
            files, size = files + 1, size + len(entry[1])
            if files > ENOUGH_FILES:
                return {"disk": f"more than {ENOUGH_FILES:,} files from {len(data) / 1024:.0f} KiB"}
            if size > ENOUGH_BYTES:
                return {"disk": f"more than {ENOUGH_BYTES // 1024**2} MiB from {len(data) / 1024:.0f} KiB"}
            if size > 2 * announced + 8 * 1024**2:
                return {"disk": f"{size // 1024**2} MiB where {announced / 1024:.0f} KiB were announced"}
            try:
                write(ADA, entry)
            except OSError as error:
                print(entry[0][:80], error, file=sys.stderr)
                if error.errno == errno.ENAMETOOLONG:
                    found["stopped"] = "unpacking broke off: a name is too long"
    except MemoryError:
        return {"memory": "memory ran out"}
    except RecursionError:
        return {"stopped": "unpacking broke off: too deep for Python"}
    except Exception as error:
        print(repr(error), file=sys.stderr)
        return {"stopped": f"unpacking broke off: {error!r:.60}"}
    return found


def outside() -> dict[str, tuple[int, float]]:
    """Return every file outside the target, with what changes when it is written."""
    found = {}
    for root in ("/course", "/etc", "/tmp"):
        for folder, names, files in os.walk(root):
            names[:] = [] if folder == ADA else names
            for name in files if folder != ADA else ():
                state = os.lstat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (state.st_size, state.st_mtime_ns)
    return found


def look_at_files(checked: dict[str, bytes], how: str) -> dict[str, str]:
    """Return what is wrong with what lies in the target."""
    found = {}
    for folder, _, files in os.walk(ADA):
        for name in files:
            path = os.path.join(folder, name)
            relative, state = os.path.relpath(path, ADA), os.lstat(path)
            if state.st_mode & (stat.S_ISUID | stat.S_ISGID):
                found["privileged"] = f"{relative} is set-user-ID or set-group-ID"
            if not stat.S_ISREG(state.st_mode) and not stat.S_ISLNK(state.st_mode):
                found["privileged"] = f"{relative} is a device or pipe"
                continue
            try:
                with open(path, "rb") as file:
                    content = file.read()
            except OSError:
                continue
            if SECRET.encode() in content:
                found["linked"] = f"{relative} reads the hidden tests"
            if stat.S_ISREG(state.st_mode) and how != "nested" and checked.get(relative) != content:
                found["shadowed"] = f"{relative} is not the file that was checked"
    return found


def run_tests(token: str) -> dict[str, str]:
    """Run the tests beside the hand-in, and ask git which commit it is if there is a `.git`."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_TESTS], cwd=ADA, capture_output=True, text=True, timeout=30
    )
    found = {}
    if ADA in done.stdout:
        found["executed"] = "a compiled library of the hand-in was loaded"
    if os.path.isdir(f"{ADA}/.git"):
        safe = ["-c", "safe.directory=*", "-c", "user.name=course", "-c", "user.email=course@example.org"]
        for command in (
            ["status"],
            ["add", "--all"],
            ["commit", "-qm", "as handed in"],
            ["checkout", "-f", "HEAD"],
        ):
            subprocess.run(["git", *safe, *command], cwd=ADA, capture_output=True, timeout=30)
    for place in ("/course/proof", "/tmp/proof"):
        if os.path.exists(place) and token:
            with open(place) as file:
                if token in file.read():
                    found["executed"] = "code of the hand-in ran in the harness"
    return found


def clean_up() -> dict[str, str]:
    """Remove the hand-in, for the next one."""
    try:
        shutil.rmtree(ADA)
    except RecursionError:
        return {"stopped": "the folder can't be removed: too deep for Python"}
    return {}


if __name__ == "__main__":
    main()
