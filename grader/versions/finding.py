"""By which files something is graded: those that a run wants, that a course has pinned, or those on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, GradingRun, UnitVersion
from grader.versions.materialising import materialised


class Places(Protocol):
    """Where an installation keeps its units; its settings say so."""

    @property
    def units_root(self) -> Path:
        """The folder of the units on disk."""

    @property
    def data_dir(self) -> Path:
        """The folder that versions are laid out in."""


def root_for(session: Session, asked: CourseUnit | GradingRun, places: Places) -> Path:
    """Return the units root of the run's wanted version, else of the unit's pinned one, else that on disk.

    Raises UnitError if the version's files can't be laid out.
    """
    version_id = version_id_for(asked)
    if version_id is None:
        return places.units_root
    return materialised(session.get_one(UnitVersion, version_id), places.data_dir)


def version_id_for(asked: CourseUnit | GradingRun) -> int | None:
    """Return which version that is; None for the files on disk."""
    if isinstance(asked, CourseUnit):
        return asked.pinned_version_id
    return asked.wanted_version_id or asked.submission.course_unit.pinned_version_id
