"""Students' computers: a working folder each, with a commit that waits to be pushed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.service.students import COURSE, UNIT, Student

PUSH_TIMEOUT_S = 900.0
HANDED_IN, SCORE = "Handed in as number", "Score:"


@dataclass(frozen=True)
class Clone:
    """One student's working folder; `name` is that of the repository, the student's e-mail address."""

    folder: Path
    name: str
    commit: str

    def push(self) -> Push:
        """Push to the end of what git shows; times count from before git is started."""
        began_s = time.perf_counter()
        process = subprocess.Popen(
            ["git", "push", "grader", "main"],
            cwd=self.folder,
            env=_environment(self.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        handed_in_s, lines = None, []
        with process.stderr:
            for line in process.stderr:
                lines.append(line)
                if HANDED_IN in line:
                    handed_in_s = time.perf_counter() - began_s
        code = process.wait(PUSH_TIMEOUT_S)
        said = "".join(lines)
        return Push(self, code, handed_in_s, time.perf_counter() - began_s, SCORE in said, said)


@dataclass(frozen=True)
class Push:
    """How a push went: git's exit code, when it said that the work is handed in, if it showed the score."""

    clone: Clone
    code: int
    handed_in_s: float | None
    took_s: float
    shows_score: bool
    said: str


def prepare(root: Path, package: Path, address: str, students: Sequence[Student]) -> list[Clone]:
    """Return a working folder for each student, with the package in this folder committed."""
    return [
        _prepare(root / str(number), package, address, student, f"student{number}@example.org")
        for number, student in enumerate(students)
    ]


def _prepare(folder: Path, package: Path, address: str, student: Student, name: str) -> Clone:
    shutil.copytree(package / "g2c", folder / "g2c", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "NOTE.txt").write_text(student.key, encoding="utf-8")
    repository = f"{COURSE}/{UNIT}/{name}.git"
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(
        folder, "remote", "add", "grader", f"http://{quote(name)}:{student.token}@{address}/git/{repository}"
    )
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "Work")
    return Clone(folder, name, _git(folder, "rev-parse", "HEAD"))


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=_environment(folder), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _environment(folder: Path) -> dict[str, str]:
    people = {
        f"GIT_{who}_{what}": "student@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **people,
    }
