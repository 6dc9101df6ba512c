"""Making versions: of the files on disk, and of a zip that an admin uploads; pinning one for a course."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, UnitVersion, User
from grader.errors import RefusedError, RejectedError, UnitError
from grader.grades import audit
from grader.judging.result import MAX_SCORE
from grader.unit_cache import current_unit, fresh_unit
from grader.units import Unit, unit_digest
from grader.versions.materialising import short
from grader.versions.packing import files_of, packed, unpacked, write


def store_version(
    session: Session, units_root: Path, unit: str, label: str | None = None, created_by: User | None = None
) -> UnitVersion:
    """Store the unit's files as they are on disk; the version that is there already if they are known.

    Raises UnitError if the unit can't be read, or has files that no version may hold.
    """
    read = current_unit(unit, units_root)
    content = packed(files_of(units_root, unit))
    with tempfile.TemporaryDirectory() as folder:
        try:
            write(unpacked(content, unit), Path(folder))
        except RejectedError as error:
            raise UnitError(f"Unit {unit} can't be stored: {error}") from error
        if unit_digest(Path(folder), unit) != read.digest:
            raise UnitError(
                f"Unit {unit} can't be stored: a file changed meanwhile, or a version may not hold it "
                "(leftovers, compiled files)."
            )
    return _stored(session, read, content, label, created_by)


def store_upload(
    session: Session, content: bytes, unit: str, label: str | None, created_by: User
) -> UnitVersion:
    """Store an uploaded version of the unit; nothing of it is executed, and it grades nothing yet.

    Raises RefusedError for anybody but an admin, since hidden tests run with the grader's own rights;
    RejectedError if the zip is no version of the unit, and UnitError if `load_unit` finds fault with it.
    """
    if not created_by.is_admin:
        raise RefusedError(
            "not-an-admin", "Only admins may upload tests: they run with the grader's own rights."
        )
    files = unpacked(content, unit)
    with tempfile.TemporaryDirectory() as folder:
        write(files, Path(folder))
        try:
            read = fresh_unit(unit, Path(folder))
        except (
            SyntaxError,
            ValueError,
            RecursionError,
            MemoryError,
        ) as error:  # of a test file, as it is parsed
            raise UnitError(f"A test file can't be parsed: {error}") from error
        except UnitError as error:
            raise UnitError(str(error).replace(f"{folder}/", "")) from error
    return _stored(session, read, packed(files), label, created_by)


def keep_version(session: Session, unit: Unit, digest: str) -> int:
    """Return the row of the files that were graded with, made with its content if it is their first time.

    `digest` is what the examiner read. If the files are others by now, the row has no content.
    """
    known = session.execute(
        sa.select(UnitVersion.id, UnitVersion.content.is_not(None)).where(
            UnitVersion.unit == unit.name, UnitVersion.digest == digest
        )
    ).one_or_none()
    if known is not None and known[1]:
        return int(known[0])
    return _stored(session, unit, _content_if_still(unit, digest), None, None, digest).id


def pin(
    session: Session,
    course_unit: CourseUnit,
    version: UnitVersion | None,
    actor: User,
    address: str | None = None,
) -> None:
    """Let the course's unit be graded by this version from now on; by the files on disk for None.

    What is graded stays as it is. Raises RefusedError for a version of another unit or without files.
    """
    if version is not None and version.unit != course_unit.unit:
        raise RefusedError("other-unit", "This version is of another unit.")
    if version is not None and not is_stored(session, version):
        raise RefusedError("not-stored", "The files of this version were never stored.")
    session.refresh(course_unit, with_for_update={"of": CourseUnit})
    before = course_unit.pinned_version_id
    course_unit.pinned_version_id = None if version is None else version.id
    audit.record(
        session,
        "version.pin" if version is not None else "version.unpin",
        actor=actor,
        course_id=course_unit.course_id,
        subject=f"unit {course_unit.slug}",
        details={
            "version": None if version is None else short(version.digest),
            "before": None if before is None else short(session.get_one(UnitVersion, before).digest),
        },
        address=address,
    )


def is_stored(session: Session, version: UnitVersion) -> bool:
    """Whether the version's files are in the database, without reading them."""
    found = session.scalar(sa.select(UnitVersion.content.is_not(None)).where(UnitVersion.id == version.id))
    return bool(found)


def _content_if_still(unit: Unit, digest: str) -> bytes | None:
    root = unit.hidden_tests.parent.parent
    content = packed(files_of(root, unit.name))
    return content if unit_digest(root, unit.name) == digest else None


def _stored(
    session: Session,
    unit: Unit,
    content: bytes | None,
    label: str | None,
    created_by: User | None,
    digest: str | None = None,
) -> UnitVersion:
    """Return the version's row, made or completed; what is known of it stays as it is."""
    digest = digest or unit.digest
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(UnitVersion)
        .values(
            unit=unit.name,
            digest=digest,
            facts={
                "title": unit.title,
                "max_score": MAX_SCORE,
                "points": dict(unit.points),
                "visibility": asdict(unit.visibility),
            },
            content=content,
            label=label,
            created_by_id=None if created_by is None else created_by.id,
            created_at=now(),
        )
        .on_conflict_do_nothing()
    )
    version = session.scalars(
        sa.select(UnitVersion).where(UnitVersion.unit == unit.name, UnitVersion.digest == digest)
    ).one()
    if content is not None and not is_stored(session, version):
        version.content = content
    if label:
        version.label = label
    session.flush()
    return version
