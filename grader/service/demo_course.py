"""What the demo course is made of: its people, and what they hand in."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from grader.db.base import now

UNIT = "nn"
COURSE = "deep-learning"
COURSE_FILE = """\
# Made by `grader demo`, read by `grader course import`.
slug = "deep-learning"
title = "Deep learning (demo)"
supersedes_queued = false
roster = "people.csv"

[[units]]
unit = "nn"
deadline_at = {deadline}
max_attempts = 20
"""
ROSTER = """\
name,email,role
Ines Sol,ines@example.org,instructor
Tara Rao,tara@example.org,ta
Ada Byron,ada@example.org,student
Ben Okri,ben@example.org,student
Cora Lind,cora@example.org,student
"""
STAFF, STUDENTS = ("ines", "tara"), ("ada", "ben", "cora")
READER = "ines"  # whose eyes the printed reports are seen with

FINISHED_FIRST = ("modules.py", "loss.py")  # what the half-done hand-in has solved
FORGOTTEN_LINE = "        optimizer.zero_grad()\n"  # what the wrong hand-in lacks


@dataclass(frozen=True)
class HandIn:
    """What one student hands in. One that `is_complete` must get all points, and others must not.

    `is_printed`: its report is worth reading in a terminal.
    """

    student: str
    name: str
    title: str
    archive: bytes
    is_complete: bool = False
    is_printed: bool = True


def write_course_file(folder: Path) -> Path:
    """Write the course file and its roster; return the course file."""
    deadline = (now() + timedelta(days=14)).replace(minute=0, second=0, microsecond=0)
    (folder / "people.csv").write_text(ROSTER, encoding="utf-8")
    file = folder / "course.toml"
    file.write_text(COURSE_FILE.format(deadline=deadline.isoformat()), encoding="utf-8")
    return file


def hand_ins(units_root: Path) -> list[HandIn]:
    """Return what is handed in, in this order."""
    template = _package(units_root / "student_template" / UNIT)
    reference = _package(units_root / "reference" / UNIT)
    solved_first = {name: text for name, text in reference.items() if name.endswith(FINISHED_FIRST)}
    wrong = {name: text.replace(FORGOTTEN_LINE, "") for name, text in reference.items()}
    assert wrong != reference
    half_done = {**template, **solved_first}
    return [
        HandIn("ada", "half-done", "A half-done hand-in: layers and losses work", _zip(half_done)),
        HandIn("ben", "wrong", "A wrong hand-in: zero_grad is forgotten", _zip(wrong)),
        HandIn("cora", "untouched", "The template, as it was", _zip(template), is_printed=False),
        HandIn("ada", "reference", "The reference solution", _zip(reference), is_complete=True),
    ]


def _package(folder: Path) -> dict[str, str]:
    """Return the files of the package by their names in the project."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((folder / "g2c").rglob("*.py"))
    }


def _zip(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()
