"""A unit's versions as a course sees them: on disk, stored, pinned, and what stands by each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, GradingRun, Submission, UnitVersion, User
from grader.errors import UnitError
from grader.unit_cache import current_unit
from grader.versions.materialising import short


@dataclass(frozen=True)
class Version:
    """One version; `standing` counts the course's results that stand by it."""

    id: int
    digest: str
    label: str | None
    created_at: datetime
    created_by: str | None
    is_stored: bool
    is_pinned: bool
    is_on_disk: bool
    standing: int

    @property
    def short(self) -> str:
        """The beginning of its digest."""
        return short(self.digest)

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.label} ({self.short})" if self.label else self.short


@dataclass(frozen=True)
class Versions:
    """A unit's versions, the newest first. `problem` says why the files on disk can't be read, if so."""

    versions: list[Version]
    on_disk_digest: str | None
    problem: str | None

    @property
    def pinned(self) -> Version | None:
        """The version that the course has pinned."""
        return next((each for each in self.versions if each.is_pinned), None)


def versions_of(session: Session, course_unit: CourseUnit, units_root: Path) -> Versions:
    """Return the versions of the course's unit."""
    try:
        on_disk, problem = current_unit(course_unit.unit, units_root).digest, None
    except UnitError as error:
        on_disk, problem = None, str(error)
    counted = session.execute(
        sa.select(GradingRun.unit_version_id, sa.func.count())
        .join(Submission, GradingRun.submission_id == Submission.id)
        .where(Submission.course_unit_id == course_unit.id, GradingRun.stands)
        .group_by(GradingRun.unit_version_id)
    )
    standing = {version_id: count for version_id, count in counted}  # noqa: C416  # rows are no pairs
    rows = session.execute(
        sa.select(
            UnitVersion.id,
            UnitVersion.digest,
            UnitVersion.label,
            UnitVersion.created_at,
            User.name,
            UnitVersion.content.is_not(None),
        )
        .join(User, UnitVersion.created_by_id == User.id, isouter=True)
        .where(UnitVersion.unit == course_unit.unit)
        .order_by(UnitVersion.id.desc())
    )
    versions = [
        Version(
            version_id,
            digest,
            label,
            created_at,
            created_by,
            bool(is_stored),
            version_id == course_unit.pinned_version_id,
            digest == on_disk,
            standing.get(version_id, 0),
        )
        for version_id, digest, label, created_at, created_by, is_stored in rows
    ]
    return Versions(versions, on_disk, problem)
