"""Reads the submission's source without running it, for off-limits APIs and things staff should see.

Theory of operation. Python's own parser can be made to use gigabytes or minutes by a few kilobytes of
source, so the reading is done by a child process with capped memory and CPU time, which
this module both starts (`read_sources`) and is (`main`). The child names each file before it parses it;
if it dies, that file is flagged, and the others are read again without it. Parsed files go
through `name_resolution` (what does this name mean?) and `source_rules` (is that allowed?).

Read is what `import PACKAGE` can run: the package's files, and whatever of the submission they import. Tests,
notebooks and scratch files are not, unless the package imports them, or imports by computed names: then
all files are read, and what is found in the others is shown to staff but costs nothing.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.judging.name_resolution import Project
from grader.judging.result import ReviewFlag
from grader.judging.source_module import SourceModule
from grader.judging.source_rules import Rules, data_file_flags

MAX_SOURCE_BYTES = 512 * 1024
MAX_TOTAL_BYTES = 4 * 1024**2
MAX_FLAGS = 100
MAX_ATTEMPTS = 4
MEMORY_BYTES = 1024**3
CPU_S = 10
WALL_S = 60

CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from grader.judging.static_reading import main; main()"
GRADER_HOME = str(Path(__file__).parents[2])
READING = "reading "


@dataclass(frozen=True)
class Reading:
    """What the source says: uses that cost points, uses that cost nothing, and what staff should look at."""

    off_limits: tuple[ReviewFlag, ...] = ()
    noted: tuple[ReviewFlag, ...] = ()
    suspicious: tuple[ReviewFlag, ...] = ()


def read_sources(
    files: Mapping[str, bytes], package: str, off_limits: Sequence[str], noted: Sequence[str]
) -> Reading:
    """Read the source of the dotted `package` and of what it imports from `files` (path → content).

    `off_limits` and `noted` are dotted prefixes such as `torch.optim`. Layers, losses and optimizers
    below an off-limits prefix are off limits when used, and noted when only imported or named as a type.
    A file that can't be parsed is a flag, never an exception.
    """
    request: dict[str, Any] = {
        "package": package,
        "off_limits": list(off_limits),
        "noted": list(noted),
        "files": {path: data.decode("latin-1") for path, data in files.items() if path.endswith(".py")},
    }
    unreadable: list[ReviewFlag] = []
    for _ in range(MAX_ATTEMPTS):
        answer, last_file = _run_child(request)
        if answer is not None:
            break
        unreadable.append(_unreadable(last_file))
        request["files"].pop(last_file, None)
    found = {kind: [ReviewFlag(**flag) for flag in flags] for kind, flags in (answer or {}).items()}
    suspicious = [*unreadable, *found.get("suspicious", ()), *data_file_flags(list(files))]
    return Reading(
        off_limits=_capped(found.get("off_limits", [])),
        noted=_capped(found.get("noted", [])),
        suspicious=_capped(suspicious),
    )


def _run_child(request: Mapping[str, Any]) -> tuple[dict[str, list[dict[str, Any]]] | None, str]:
    """Return the child's answer, or None and the file it was at when it died."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", CHILD, GRADER_HOME],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_S,
            check=False,
        )
        output, finished = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired as expired:
        output, finished = expired.stdout or b"", False
    lines = output.decode().splitlines()
    if finished:
        return json.loads(lines[-1]), ""
    started = [json.loads(line.removeprefix(READING)) for line in lines if line.startswith(READING)]
    return None, started[-1] if started else ""


def _unreadable(path: str) -> ReviewFlag:
    text = (
        f"{path or 'The source'} can't be read: it takes too much time or memory. Nothing in it was checked."
    )
    return ReviewFlag("unreadable-source", path, 0, text)


def _capped(flags: Sequence[ReviewFlag]) -> tuple[ReviewFlag, ...]:
    if len(flags) <= MAX_FLAGS:
        return tuple(flags)
    more = ReviewFlag("more-flags", "", 0, f"{len(flags) - MAX_FLAGS} more of the same kind are not shown.")
    return (*flags[:MAX_FLAGS], more)


def main() -> None:
    """Be the child: read a request from standard input, print each file's name and then the flags."""
    _cap_resources()
    warnings.simplefilter("ignore")  # the parser warns of students' odd escapes
    request = json.load(sys.stdin.buffer)
    sources = {path: text.encode("latin-1") for path, text in request["files"].items()}
    reader = _Reader(sources, request["package"])
    rules = reader.apply(request["off_limits"], request["noted"])
    found = rules.findings
    kinds = {
        "off_limits": found.off_limits,
        "noted": [*reader.unparsed_notes, *found.noted],
        "suspicious": [*reader.unparsed_suspicions, *found.suspicious],
    }
    print(json.dumps({kind: [dataclasses.asdict(flag) for flag in flags] for kind, flags in kinds.items()}))


def _cap_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows, where only `grader check` runs, on the student's own files
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Reader:
    """Parses what the package can import, and what could not be parsed."""

    def __init__(self, sources: Mapping[str, bytes], package: str):
        self._sources = {_module_name(path): (path, data) for path, data in sorted(sources.items())}
        self._package = package
        self._left_bytes = MAX_TOTAL_BYTES
        self._modules: dict[str, SourceModule | None] = {}
        self.unparsed_notes: list[ReviewFlag] = []
        self.unparsed_suspicions: list[ReviewFlag] = []

    def apply(self, off_limits: Sequence[str], noted: Sequence[str]) -> Rules:
        """Return the rules with all they found."""
        package_folder = self._package.replace(".", "/") + "/"
        own = [
            name
            for name, (path, _) in self._sources.items()
            if path.startswith(package_folder) and not _is_test(path)
        ]
        reached = self._parse_with_imports([*own, *_parents(self._package)])
        rules = Rules(Project(self._parsed()), off_limits, noted)
        _read(rules, reached)
        if any(flag.code == "dynamic-import" for flag in rules.findings.suspicious):
            others = [name for name, (path, _) in self._sources.items() if not _is_test(path)]
            self._read_for_review(rules, self._parse_with_imports(others), off_limits, noted)
        return rules

    def _read_for_review(
        self, rules: Rules, modules: list[SourceModule], off_limits: Sequence[str], noted: Sequence[str]
    ) -> None:
        aside = Rules(Project(self._parsed()), off_limits, noted)
        _read(aside, modules)
        for flag in (*aside.findings.off_limits, *aside.findings.noted):
            rules.findings.noted[flag] = None
        rules.findings.suspicious.update(aside.findings.suspicious)

    def _parsed(self) -> dict[str, SourceModule]:
        return {name: module for name, module in self._modules.items() if module is not None}

    def _parse_with_imports(self, names: Sequence[str]) -> list[SourceModule]:
        """Parse the named modules and all they import; return those that were not parsed before."""
        found: list[SourceModule] = []
        pending = list(reversed(names))
        while pending:
            name = pending.pop()
            if name in self._modules or name not in self._sources:
                continue
            module = self._modules[name] = self._parse(name)
            if module is None:
                continue
            found.append(module)
            for imported in module.imported:
                top = imported.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "torch":
                    pending += [*_parents(imported), imported]
        return found

    def _parse(self, name: str) -> SourceModule | None:
        path, data = self._sources[name]
        _announce(path)
        self._left_bytes -= len(data)
        if len(data) > MAX_SOURCE_BYTES or self._left_bytes < 0:
            text = f"{path} is too big to be read ({len(data) // 1024} KiB). Nothing in it was checked."
            self.unparsed_suspicions.append(ReviewFlag("unreadable-source", path, 0, text))
            return None
        try:
            return SourceModule(name, path, ast.parse(data, path))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            text = f"{path}, line {line}: Python can't read this file, so it can't be imported."
            self.unparsed_notes.append(ReviewFlag("syntax-error", path, line, text))
        except (RecursionError, MemoryError):
            self.unparsed_suspicions.append(_unreadable(path))
        return None


def _announce(path: str) -> None:
    """Name the file now read, so that the parent knows which one was too much."""
    print(READING + json.dumps(path), flush=True)


def _read(rules: Rules, modules: list[SourceModule]) -> None:
    for module in modules:
        _announce(module.path)
        rules.read(module)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return (
        not {"tests", "test", "notebooks"}.isdisjoint(folders)
        or name in ("conftest.py", "setup.py")
        or name.startswith("test_")
        or name.endswith("_test.py")
    )
