"""Reading a course file: TOML with the course, its units and where its roster is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.courses import slugs
from grader.db.models import Counting
from grader.errors import UnitError, UsageError
from grader.toml_table import TomlTable
from grader.units import load_unit


@dataclass(frozen=True)
class UnitEntry:
    """A unit as the file sets it; the fields are those of `CourseUnit`."""

    slug: str
    unit: str
    title: str
    position: int
    is_published: bool
    opens_at: datetime | None
    deadline_at: datetime | None
    late_until_at: datetime | None
    max_attempts: int | None
    counts: Counting


@dataclass(frozen=True)
class CourseFile:
    """A course as the file sets it; `roster` is a CSV file, None if the file names none."""

    slug: str
    title: str
    supersedes_queued: bool
    roster: Path | None
    units: tuple[UnitEntry, ...]


def read_course_file(path: Path, units_root: Path) -> CourseFile:
    """Read the file; units are looked up below `units_root`.

    Raises UsageError that lists every problem found.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    problems: list[str] = []
    table = TomlTable(data, "", problems)
    course = CourseFile(
        slug=_slug(table, problems, slugs.RESERVED_FOR_COURSES),
        title=table.text("title"),
        supersedes_queued=table.flag("supersedes_queued") if table.has("supersedes_queued") else True,
        roster=path.parent / table.text("roster") if table.has("roster") else None,
        units=tuple(
            _read_unit(unit, number, units_root, problems)
            for number, unit in enumerate(table.tables("units"), 1)
        ),
    )
    table.end()
    names = [unit.slug for unit in course.units]
    problems += [
        f"units: there are two with the slug {slug!r}" for slug in set(names) if names.count(slug) > 1
    ]
    if course.roster and not course.roster.is_file():
        problems.append(f"roster: there is no file {course.roster}")
    if problems:
        raise UsageError(f"{path}:\n" + "\n".join(f"  - {problem}" for problem in problems))
    return course


def _read_unit(table: TomlTable, number: int, units_root: Path, problems: list[str]) -> UnitEntry:
    name = table.text("unit")
    unit_title = ""
    if name:
        try:
            unit_title = load_unit(name, units_root).title
        except UnitError as error:
            problems.append(f"units[{number}].unit: {error}")
    counts = table.text("counts") if table.has("counts") else Counting.BEST
    if counts not in list(Counting):
        problems.append(f"units[{number}].counts: expected {' or '.join(Counting)}, got {counts!r}")
        counts = Counting.BEST
    entry = UnitEntry(
        slug=_slug(table, problems, slugs.RESERVED_FOR_UNITS, f"units[{number}].")
        if table.has("slug")
        else name.replace("_", "-"),
        unit=name,
        title=table.text("title") if table.has("title") else unit_title,
        position=number,
        is_published=table.flag("is_published") if table.has("is_published") else True,
        opens_at=table.moment("opens_at") if table.has("opens_at") else None,
        deadline_at=table.moment("deadline_at") if table.has("deadline_at") else None,
        late_until_at=table.moment("late_until_at") if table.has("late_until_at") else None,
        max_attempts=table.count("max_attempts") if table.has("max_attempts") else None,
        counts=Counting(counts),
    )
    table.end()
    problems += [f"units[{number}].{problem}" for problem in _disorder(entry)]
    return entry


def _slug(table: TomlTable, problems: list[str], reserved: frozenset[str], where: str = "") -> str:
    slug = table.text("slug")
    if slug and (problem := slugs.problem(slug, reserved)):
        problems.append(f"{where}slug: {problem} Got {slug!r}.")
    return slug


def _disorder(entry: UnitEntry) -> list[str]:
    """Return what is wrong with the order of the unit's dates."""
    found = []
    if entry.opens_at and entry.deadline_at and entry.opens_at >= entry.deadline_at:
        found.append("deadline_at: it is not after opens_at")
    if entry.late_until_at and entry.deadline_at is None:
        found.append("late_until_at: without deadline_at nothing is late")
    if entry.late_until_at and entry.deadline_at and entry.late_until_at <= entry.deadline_at:
        found.append("late_until_at: it is not after deadline_at")
    return found
