"""With a real worker and real sandboxes: three hand-ins, a test with a bug, and its mended version.

The version with the bug is in the database only, and pinned; the worker lays it out and grades by it.
"""

import io
import shutil
import signal
import zipfile
from pathlib import Path

import pytest

from grader.db.models import (
    CourseUnit,
    GradingRun,
    Regrade,
    RegradeMethod,
    RegradeScope,
    RegradeState,
    RunState,
    Source,
    Submission,
    UnitVersion,
)
from grader.jobs.engine import prepare_job_tables
from grader.jobs.queue import JobQueue
from grader.regrades.controlling import progress
from grader.regrades.preview import Effect, preview
from grader.regrades.promoting import promote, undo
from grader.regrades.starting import start
from grader.sandbox.selection import backends
from grader.settings import CHECKOUT, Settings, load_settings
from grader.submissions.accept import Upload, accept
from grader.versions.finding import root_for
from grader.versions.materialising import FOLDER
from grader.versions.storing import pin, store_version
from tests.jobs.service import Service
from tests.jobs.workers import REAL, start_worker, wait_until
from tests.regrades.acted import copy_unit

TEST = "hidden/test_sgd.py::test_weight_decay"
BUG = "def test_weight_decay(hint):\n"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


def hand_in_of(changed: dict[str, str]) -> bytes:
    """The reference with pieces of its optimizer replaced, as a zip."""
    content = io.BytesIO()
    root = CHECKOUT / "reference" / "nn"
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted((root / "g2c").rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if path.name == "optim.py":
                for old, new in changed.items():
                    assert old in text
                    text = text.replace(old, new)
            archive.writestr(path.relative_to(root).as_posix(), text)
    return content.getvalue()


def test_three_hand_ins_in_sandboxes(database, world, tmp_path: Path):
    (backend,) = (each for each in backends(load_settings()) if each.name == "bubblewrap")
    if unmet := [f"{need.need}: {need.detail}" for need in backend.findings() if not need.ok]:
        pytest.skip(f"{backend.name}: {'; '.join(unmet)}")
    url = database.engine.url.render_as_string(hide_password=False)
    prepare_job_tables(url)
    queue = JobQueue(url)
    service = Service(database, queue, world)
    settings = load_settings()
    with_bug = copy_unit(tmp_path / "with_bug")
    path = with_bug / "hidden_tests" / "nn" / "test_sgd.py"
    text = path.read_text(encoding="utf-8")
    assert BUG in text
    path.write_text(text.replace(BUG, f'{BUG}    assert False, "the bug"\n'), encoding="utf-8")
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        pin(session, unit, store_version(session, with_bug, "nn", "with the bug"), world.ines)
        good = store_version(session, CHECKOUT, "nn", "mended")
        root = root_for(session, unit, Settings(data_dir=settings.data_dir))
    right, forgets_decay = hand_in_of({}), hand_in_of({"self.weight_decay * p)": "0 * p)"})
    runs = {}
    for person, content in ((world.ada, right), (world.ben, forgets_decay), (world.tara, right)):
        upload = Upload(content, "nn.zip", Source.WEB)
        accepted = accept(database, queue, root, world.unit.id, person.id, upload)
        runs[person.email] = run_of(database, accepted.public_id)
    worker = start_worker(url, 1, REAL, GRADER_SANDBOX="bubblewrap")
    try:
        for run_id in runs.values():
            assert service.wait_for(run_id, RunState.GRADED, RunState.PROBLEM).problem is None
        scores = {email: service.run(run_id).score for email, run_id in runs.items()}
        with database.writing() as session:
            regrade_id = start(
                session,
                settings,
                session.get_one(CourseUnit, world.unit.id),
                session.get_one(UnitVersion, good.id),
                RegradeScope.COUNTING,
                RegradeMethod.RUN,
                world.ines,
                "The test had a bug.",
            ).id
        for number in range(1, len(runs) + 1):  # each run has its own patience: the machine may be busy
            wait_until(
                lambda number=number: done(database, regrade_id) >= number, f"{number} of them are done"
            )
        wait_until(lambda: state_of(database, regrade_id) is RegradeState.READY, "the regrade is ready")
    finally:
        worker.send(signal.SIGTERM)
        worker.ended()
        assert worker.process.stdout is not None
        worker.process.stdout.close()
        queue.close()
        for version in (root.name, good.digest.removeprefix("sha256:")):
            shutil.rmtree(settings.data_dir / FOLDER / version, ignore_errors=True)
    with database.writing() as session:
        regrade = session.get_one(Regrade, regrade_id)
        seen = preview(session, regrade)
        assert {each.email for each in seen.having(Effect.GAINS)} == {world.ada.email, world.tara.email}
        assert {each.email for each in seen.having(Effect.STAYS)} == {world.ben.email}
        assert [(test.id, test.fixed, test.broken) for test in seen.by_test()] == [(TEST, 2, 0)]
        promote(session, regrade, world.ines)
        standing = session.query(GradingRun).filter_by(stands=True).all()
        after = {run.submission.user.email: run.score for run in standing}
        assert [email for email in scores if after[email] > scores[email]] == [
            world.ada.email,
            world.tara.email,
        ]
        undo(session, regrade, world.ines)
        session.expire_all()
        assert {run.id for run in session.query(GradingRun).filter_by(stands=True)} == set(runs.values())


def run_of(database, public_id: str) -> int:
    with database.reading() as session:
        submission = session.query(Submission).filter_by(public_id=public_id).one()
        return session.query(GradingRun).filter_by(submission_id=submission.id).one().id


def done(database, regrade_id: int) -> int:
    with database.reading() as session:
        return progress(session, session.get_one(Regrade, regrade_id)).done


def state_of(database, regrade_id: int) -> RegradeState:
    with database.reading() as session:
        return session.get_one(Regrade, regrade_id).state
