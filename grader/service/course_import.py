"""Making a course what its file says; again with the same file, nothing changes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts.roster import read_roster
from grader.accounts.roster_import import Kind, apply_import, plan_import
from grader.db.database import Database
from grader.db.models import AuditEvent, Course, CourseUnit, Submission
from grader.errors import UsageError
from grader.grades.terms import lock_unit, restate_lateness
from grader.service.course_file import CourseFile, UnitEntry


def import_course(database: Database, file: CourseFile) -> list[str]:
    """Create or change the course, its units and its members, all or nothing; return a line for each change.

    Units and members that the file does not name stay as they are. Raises UsageError if the roster has
    problems, or if a unit with submissions would be graded by other tests.
    """
    with database.writing() as session:
        course, changes = _import_terms(session, file)
        if changes:
            session.add(
                AuditEvent(
                    course_id=course.id,
                    action="course.import",
                    subject=f"course {file.slug}",
                    details={"changes": changes},
                )
            )
        if file.roster:
            changes += _import_roster(session, course, file.roster)
    return changes


def _import_terms(session: Session, file: CourseFile) -> tuple[Course, list[str]]:
    changes: list[str] = []
    course = session.scalar(sa.select(Course).where(Course.slug == file.slug))
    wanted = {"title": file.title, "supersedes_queued": file.supersedes_queued}
    if course is None:
        course = Course(slug=file.slug, **wanted)
        session.add(course)
        session.flush()
        changes.append(f"course {file.slug}: new")
    else:
        changes += _change(course, wanted, f"course {file.slug}")
    units = {
        unit.slug: unit
        for unit in session.scalars(sa.select(CourseUnit).where(CourseUnit.course_id == course.id))
    }
    for entry in file.units:
        changes += _import_unit(session, course, units.get(entry.slug), entry)
    return course, changes


def _import_roster(session: Session, course: Course, path: Path) -> list[str]:
    roster = read_roster(path.read_bytes())
    problems = roster.problems
    if not problems:
        plan = plan_import(session, course.id, roster.rows, None)
        plan, _ = apply_import(session, course.id, roster.rows, None, plan.digest)
        problems = plan.problems
    if problems:
        raise UsageError(f"{path}:\n" + "\n".join(f"  - line {p.line}: {p.text}" for p in problems))
    return [
        f"member {change.row.email}: {change.kind}"
        + "".join(f", {d.field} {d.before or 'none'} → {d.after}" for d in change.differences)
        for change in plan.changes
        if change.kind is not Kind.SAME
    ]


def _import_unit(session: Session, course: Course, unit: CourseUnit | None, entry: UnitEntry) -> list[str]:
    wanted = asdict(entry)
    if unit is None:
        session.add(CourseUnit(course_id=course.id, **wanted))
        return [f"unit {entry.slug}: new"]
    if unit.unit != entry.unit and session.scalar(
        sa.select(Submission.id).where(Submission.course_unit_id == unit.id).limit(1)
    ):
        raise UsageError(
            f"unit {entry.slug}: there are submissions for {unit.unit!r}, so it can't become {entry.unit!r}; "
            "give the new unit a slug of its own"
        )
    unit = lock_unit(session, unit.id)
    changes = _change(unit, wanted, f"unit {entry.slug}")
    if changes:
        restate_lateness(session, unit)
    return changes


def _change(row: Course | CourseUnit, wanted: dict[str, Any], name: str) -> list[str]:
    """Set what differs; return a line for each."""
    changes = []
    for field, value in wanted.items():
        if (before := getattr(row, field)) != value:
            setattr(row, field, value)
            changes.append(f"{name}: {field} {_shown(before)} → {_shown(value)}")
    return changes


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)
