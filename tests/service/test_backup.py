"""Backups: taken while grading goes on, restored elsewhere, everything is equal and jobs resume."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from grader.db import migration
from grader.db.base import Base
from grader.db.database import Database, open_database
from grader.db.models import Archive, AuditEvent, Course, RunState
from grader.errors import GraderError, UsageError
from grader.jobs.queue import JobQueue
from grader.service.backup import back_up, restore
from grader.service.starting import upgrade_database
from grader.settings import Settings
from tests.databases import KINDS, NewUrl
from tests.jobs.service import Service
from tests.jobs.workers import WorkerProcess, start_worker
from tests.people import World, make_run, make_submission, make_world

SettingsOf = Callable[[str], Settings]
WorkOn = Callable[[Settings], WorkerProcess]

pytestmark = pytest.mark.parametrize("database_kind", KINDS, indirect=True)


@pytest.fixture
def settings_of(tmp_path: Path) -> SettingsOf:
    return lambda url: Settings(data_dir=tmp_path, database_url=url)


@pytest.fixture
def settings(settings_of: SettingsOf, url: str, database: Database) -> Settings:
    upgrade_database(settings_of(url), database)
    return settings_of(url)


@pytest.fixture
def elsewhere(settings_of: SettingsOf, empty_url: NewUrl) -> Settings:
    """Another installation, whose database is empty."""
    return settings_of(empty_url())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "monday"


@pytest.fixture
def work_on() -> Iterator[WorkOn]:
    """Starts a worker, with the acting grader, on an installation."""
    started: list[WorkerProcess] = []

    def start(settings: Settings) -> WorkerProcess:
        started.append(start_worker(settings.database, 1))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        assert worker.process.stdout is not None
        worker.process.stdout.close()


def content(database: Database) -> dict[str, list[Any]]:
    """Every row of every table of ours."""
    with database.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(sa.select(table)).all()), key=repr)
            for table in Base.metadata.sorted_tables
        }


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = open_database(settings.database)
    yield database
    database.close()


def test_what_is_restored_elsewhere_is_equal(
    settings: Settings, database: Database, world: World, elsewhere: Settings, file: Path
):
    with database.writing() as session:
        for content_ in (b"PK one", b"PK two" * 100_000):
            make_run(session, make_submission(session, world.unit, world.ada, content_))
        session.add(AuditEvent(action="test", subject="backup", details={}))
    before = content(database)
    back_up(settings, file)
    with database.writing() as session:
        session.add(Course(slug="later", title="After the backup"))
    assert restore(elsewhere, file, force=False) == migration.newest_revision()
    with opened(elsewhere) as restored:
        assert content(restored) == before
        assert migration.differences(restored) == []
        with pytest.raises(sa.exc.DatabaseError, match="audit events"), restored.writing() as session:
            session.execute(sa.text("DELETE FROM audit_events"))


def test_jobs_of_the_moment_resume_where_it_is_restored(
    settings: Settings,
    database: Database,
    world: World,
    elsewhere: Settings,
    file: Path,
    tmp_path: Path,
    work_on: WorkOn,
):
    queue = JobQueue(settings.database)
    service = Service(database, queue, world)
    running = service.hand_in(wait_for=str(tmp_path / "go"))
    worker = work_on(settings)
    service.wait_for(running, RunState.RUNNING)
    waiting = service.hand_in(world.ben)
    back_up(settings, file)
    worker.kill()
    queue.close()

    restore(elsewhere, file, force=False)
    with opened(elsewhere) as restored:
        there = Service(restored, queue, world)
        assert there.states([running, waiting]) == [RunState.RUNNING, RunState.QUEUED]
        (tmp_path / "go").touch()
        work_on(elsewhere)
        for run in (running, waiting):
            there.wait_for(run, RunState.GRADED)


def test_only_the_owner_can_read_a_backup(settings: Settings, file: Path):
    back_up(settings, file)
    assert file.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]


def test_a_backup_never_overwrites_another(settings: Settings, file: Path):
    back_up(settings, file)
    before = file.read_bytes()
    with pytest.raises(UsageError, match="there already"):
        back_up(settings, file)
    assert file.read_bytes() == before


def test_an_empty_database_has_no_backup(elsewhere: Settings, file: Path):
    with pytest.raises(UsageError, match="nothing to back up"):
        back_up(elsewhere, file)
    assert not file.exists()


def test_a_folder_that_can_not_be_written_is_our_problem(settings: Settings):
    with pytest.raises(GraderError, match="can't be written"):
        back_up(settings, Path("/proc/nowhere/backup"))


def test_what_a_database_holds_is_replaced_only_by_force(
    settings: Settings, database: Database, world: World, file: Path
):
    back_up(settings, file)
    with database.writing() as session:
        session.add(Archive(sha256="0" * 64, size_bytes=1, content=b"x"))
    before = content(database)
    with pytest.raises(UsageError, match="not empty; --force"):
        restore(settings, file, force=False)
    assert content(database) == before
    restore(settings, file, force=True)
    with opened(settings) as restored:
        assert content(restored)["archives"] == []


def test_a_database_that_a_worker_uses_is_left_alone(
    settings: Settings, database: Database, world: World, file: Path, work_on: WorkOn
):
    back_up(settings, file)
    worker = work_on(settings)
    with pytest.raises(UsageError, match="stop the service first"):
        restore(settings, file, force=True)
    worker.kill()
    restore(settings, file, force=True)


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def overwritten(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + b"\xff" * 5_000 + data[middle + 5_000 :]


def emptied(data: bytes) -> bytes:
    return b""


def swapped(data: bytes) -> bytes:
    return b"PK\x03\x04 a zip"


@pytest.mark.parametrize("damage", [cut_off, overwritten, emptied, swapped])
def test_a_damaged_backup_changes_nothing(
    settings: Settings, database: Database, elsewhere: Settings, file: Path, damage: Callable[[bytes], bytes]
):
    make_world(database)
    with database.writing() as session:
        session.add(Archive(sha256="0" * 64, size_bytes=1, content=bytes(range(256)) * 400))
    back_up(settings, file)
    file.write_bytes(damage(file.read_bytes()))
    before = content(database)
    with pytest.raises(UsageError, match=r"damaged|not a backup"):
        restore(settings, file, force=True)
    assert content(database) == before


def test_the_other_kinds_backup_is_refused(settings: Settings, database_kind: str, file: Path):
    back_up(settings, file)
    other = (
        "postgresql+psycopg://nobody@127.0.0.1:1/x" if database_kind == "sqlite" else "sqlite:////nowhere/x"
    )
    with pytest.raises(UsageError, match="the same kind"):
        restore(Settings(database_url=other), file, force=True)
