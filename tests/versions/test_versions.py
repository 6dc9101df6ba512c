"""Versions: what is on disk is stored and laid out as it was; a course's pin and a run's wish decide."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, CourseUnit, UnitVersion
from grader.errors import RefusedError, UnitError
from grader.results.unit_files import template_zip
from grader.settings import Settings
from grader.unit_cache import current_unit
from grader.units import load_unit
from grader.versions.finding import root_for
from grader.versions.materialising import materialised
from grader.versions.packing import files_of
from grader.versions.storing import keep_version, pin, store_version
from tests.people import World, make_run, make_submission


def change(settings: Settings) -> None:
    """Change the unit on disk."""
    path = settings.units_root / "hidden_tests" / "nn" / "unit.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")


def test_it_is_laid_out_as_it_was_on_disk(database: Database, settings: Settings):
    before = files_of(settings.units_root, "nn")
    unit = load_unit("nn", settings.units_root)
    with database.writing() as session:
        version = store_version(session, settings.units_root, "nn", label="v1")
    change(settings)
    with database.reading() as session:
        root = materialised(session.get_one(UnitVersion, version.id), settings.data_dir)
    assert files_of(root, "nn") == before
    again = load_unit("nn", root)
    assert (again.digest, again.points) == (unit.digest, unit.points)
    assert template_zip(again) == template_zip(unit), "programs of the template are programs still"


def test_the_same_files_are_one_version(database: Database, settings: Settings, world: World):
    with database.writing() as session:
        first = store_version(session, settings.units_root, "nn")
        again = store_version(session, settings.units_root, "nn", "the first", world.ines)
        change(settings)
        other = store_version(session, settings.units_root, "nn")
        assert (first.id, first.label) == (again.id, "the first")
        assert other.digest != first.digest


def test_what_graded_is_kept(database: Database, settings: Settings):
    unit = current_unit("nn", settings.units_root)
    with database.writing() as session:
        kept = keep_version(session, unit, unit.digest)
        assert keep_version(session, unit, unit.digest) == kept
        unknown = session.get_one(UnitVersion, keep_version(session, unit, "sha256:0"))
        assert unknown.content is None, "the files on disk are not those that graded"
    change(settings)
    with database.reading() as session:
        version = session.get_one(UnitVersion, kept)
        assert load_unit("nn", materialised(version, settings.data_dir)).digest == unit.digest
        with pytest.raises(UnitError, match="not stored"):
            materialised(session.get_one(UnitVersion, unknown.id), settings.data_dir)


def test_damage_is_mended_and_many_may_lay_out_at_once(database: Database, settings: Settings):
    with database.writing() as session:
        version = store_version(session, settings.units_root, "nn")
        content = version.content  # loaded, so that threads need no session
    start, roots = threading.Barrier(6), set()

    def lay_out() -> None:
        start.wait()
        roots.add(materialised(version, settings.data_dir))

    def all_at_once() -> Path:
        threads = [threading.Thread(target=lay_out) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (root,) = roots
        return root

    root = all_at_once()
    (root / "hidden_tests" / "nn" / "unit.toml").write_text("", encoding="utf-8")
    assert all_at_once() == root
    assert load_unit("nn", root).digest == version.digest
    assert content is not None


def test_a_runs_wish_goes_before_the_pin_and_the_pin_before_the_disk(
    database: Database, settings: Settings, world: World
):
    with database.writing() as session:
        first = store_version(session, settings.units_root, "nn")
        change(settings)
        second = store_version(session, settings.units_root, "nn")
        unit = session.get_one(CourseUnit, world.unit.id)
        run = make_run(session, make_submission(session, unit, world.ada))
        assert root_for(session, unit, settings) == settings.units_root
        assert root_for(session, run, settings) == settings.units_root
        pin(session, unit, first, world.ines)
        assert load_unit("nn", root_for(session, run, settings)).digest == first.digest
        run.wanted_version_id = second.id
        assert load_unit("nn", root_for(session, run, settings)).digest == second.digest
        assert load_unit("nn", root_for(session, unit, settings)).digest == first.digest
        pin(session, unit, None, world.ines)
        assert root_for(session, unit, settings) == settings.units_root
    with database.reading() as session:
        assert session.scalars(sa.select(AuditEvent.action)).all() == ["version.pin", "version.unpin"]


def test_a_version_without_files_or_of_another_unit_is_not_pinned(
    database: Database, settings: Settings, world: World
):
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        for version in (
            UnitVersion(unit="nn", digest="sha256:1", facts={}),
            UnitVersion(unit="cnn", digest="sha256:2", facts={}, content=b"PK"),
        ):
            session.add(version)
            session.flush()
            with pytest.raises(RefusedError):
                pin(session, unit, version, world.ines)
        assert unit.pinned_version_id is None


def test_a_damaged_zip_is_our_fault_and_nobodys_hand_in(database: Database, settings: Settings):
    with database.writing() as session:
        version = store_version(session, settings.units_root, "nn")
        assert version.content is not None
        for content in (version.content[:1000], b"no zip"):
            version.content = content
            with pytest.raises(UnitError, match="damaged"):
                materialised(version, settings.data_dir)
