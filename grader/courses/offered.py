"""From which tests a course can make a unit: the folders on disk, and versions that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import UnitVersion
from grader.errors import UnitError
from grader.unit_cache import current_unit


@dataclass(frozen=True)
class Offer:
    """Tests to make a unit from: the files on disk, or with `version_id` a stored version."""

    unit: str
    title: str
    version_id: int | None = None
    version: str = ""  # what staff call the version

    @property
    def key(self) -> str:
        """Name the offer in a form."""
        return self.unit if self.version_id is None else f"{self.unit}@{self.version_id}"


@dataclass(frozen=True)
class Broken:
    """A folder on disk that is no unit: why not."""

    unit: str
    problem: str


def offers(session: Session, units_root: Path) -> tuple[list[Offer], list[Broken]]:
    """Return all offers, those on disk first, and the folders that are broken."""
    found: list[Offer] = []
    broken: list[Broken] = []
    for path in sorted((units_root / "hidden_tests").glob("*/unit.toml")):
        name = path.parent.name
        try:
            found.append(Offer(name, current_unit(name, units_root).title))
        except UnitError as error:
            broken.append(Broken(name, str(error)))
    stored = session.scalars(
        sa.select(UnitVersion)
        .where(UnitVersion.content.is_not(None))
        .order_by(UnitVersion.unit, UnitVersion.id.desc())
    )
    found += [
        Offer(version.unit, version.facts.get("title", version.unit), version.id, name_of(version))
        for version in stored
    ]
    return found, broken


def name_of(version: UnitVersion) -> str:
    """Return what staff call the version, or the beginning of its digest."""
    return version.label or version.digest.removeprefix("sha256:")[:12]
