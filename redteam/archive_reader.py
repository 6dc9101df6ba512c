"""Reads one archive with this grader's intake, in a process of its own; says what came of it, as JSON.

Input: the archive. Nothing may be opened, run or imported meanwhile: an audit hook of the interpreter
listens for that. It is a program, so that all it needs is imported before it listens.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from grader.errors import RejectedError
from grader.submissions.archive import read_archive_bytes
from tests.submissions.archives.packing import PACKAGE, REQUIRED, as_zip, honest_tree

WATCHED = (
    "open",
    "os.",
    "shutil.",
    "subprocess.",
    "socket.",
    "ctypes.",
    "import",
    "exec",
    "compile",
    "marshal.",
)
WATCHED += ("pickle.", "tempfile.")


def main() -> None:
    """Read, watch, report."""
    data, events = sys.stdin.buffer.read(), list[str]()
    read_archive_bytes(as_zip(honest_tree()), "warm-up.zip", PACKAGE, REQUIRED)
    before, started_s, listening = _peak_bytes(), time.process_time(), True

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        if listening and event.startswith(WATCHED):
            events.append(f"{event} {str(arguments)[:80]}")

    sys.addaudithook(listen)
    codes, files = [], dict[str, bytes]()
    try:
        files = dict(read_archive_bytes(data, "hand-in", PACKAGE, REQUIRED).files)
    except RejectedError as error:
        codes = [rejection.code for rejection in error.rejections]
    listening = False
    used = {"memory_bytes": _peak_bytes() - before, "cpu_s": time.process_time() - started_s}
    texts = {name: content.decode("latin-1") for name, content in files.items()}
    report = {"codes": codes, "files": texts, "opened": events, **used}
    print(json.dumps(report))


def _peak_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main()
