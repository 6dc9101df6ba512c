"""Where the files are that a course's unit is graded by now: of its pinned version, or those on disk."""

from __future__ import annotations

from pathlib import Path

from grader.db.models import CourseUnit
from grader.versions.finding import root_for
from grader.web.service import reading, service


def root_of(unit: CourseUnit) -> Path:
    """Return the unit's root; UnitError if its version's files can't be laid out."""
    return root_for(reading(), unit, service().settings)
