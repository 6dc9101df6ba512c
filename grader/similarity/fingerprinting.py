"""The child process of `engine`: `python -m grader.similarity.fingerprinting`, a hand-in a line.

It reads JSON lines: first {"given": the template's files by path, "limits": {"cpu_s", "memory_bytes"}}, then
{"files": text by path} for each hand-in, and answers with {"parts": [[path, first line, last line, form,
[fingerprints]], …], "unread": [paths]}. It ends with its input.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

from copydetect import CodeFingerprint

from grader.similarity.statements import given_names, statements

NOISE_CHARS = 20  # the shortest run of characters, within a statement, that counts
WINDOW = 1  # every fingerprint is kept: a unit's hand-ins are short


def fingerprints(form: str) -> list[int]:
    """Return the engine's fingerprints of a statement; one that is too short is a fingerprint as a whole."""
    text = form.replace(" ", "").ljust(NOISE_CHARS)
    made = CodeFingerprint("statement.py", NOISE_CHARS, WINDOW, filter=False, fp=io.StringIO(text))
    return sorted(int(each) for each in made.hashes)


def parts_of(files: Mapping[str, str], given: frozenset[str]) -> dict[str, Any]:
    """Return what the module's docstring says of one hand-in."""
    parts: list[Any] = []
    unread: list[str] = []
    for path, text in files.items():
        try:
            found = statements(text, given)
        except (RecursionError, MemoryError):
            unread.append(path)
            continue
        parts.extend([path, each.first, each.last, each.form, fingerprints(each.form)] for each in found)
    return {"parts": parts, "unread": unread}


def main() -> None:
    """Answer each line of standard input."""
    order = json.loads(sys.stdin.readline())
    given = given_names(order["given"].values())
    memory_bytes, cpu_s = order["limits"]["memory_bytes"], order["limits"]["cpu_s"]
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for line in sys.stdin:
        _allow_cpu(cpu_s)
        print(json.dumps(parts_of(json.loads(line)["files"], given)), flush=True)


def _allow_cpu(seconds: int) -> None:
    """Let so much more CPU time pass before the kernel ends this process."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(spent.ru_utime + spent.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
