"""With real examiners: a hand-in is graded in the sandbox, and kill -9 leaves no sandbox behind."""

import contextlib
import io
import os
import signal
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.db.models import RunState, Source
from grader.sandbox.lease import leases_folder
from grader.sandbox.selection import backends
from grader.setting_values import SANDBOXES
from grader.settings import CHECKOUT, load_settings
from grader.submissions.accept import Upload, accept
from tests.jobs.service import Service
from tests.jobs.workers import REAL, WorkerProcess, start_worker, wait_until

NewRealWorker = Callable[[], WorkerProcess]


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(params=SANDBOXES)
def new_real_worker(request: pytest.FixtureRequest, url: str, service: Service) -> Iterator[NewRealWorker]:
    """Starts a worker that grades for real, in each sandbox that this machine offers."""
    (backend,) = (each for each in backends(load_settings()) if each.name == request.param)
    if unmet := [f"{need.need}: {need.detail}" for need in backend.findings() if not need.ok]:
        pytest.skip(f"{backend.name}: {'; '.join(unmet)}")
    workers: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        workers.append(start_worker(url, 1, REAL, GRADER_SANDBOX=request.param))
        return workers[-1]

    yield start
    for worker in workers:
        worker.send(signal.SIGTERM)
        worker.ended()
        assert worker.process.stdout is not None
        worker.process.stdout.close()


def hand_in_reference(service: Service) -> int:
    content = io.BytesIO()
    root = CHECKOUT / "reference" / "nn"
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted((root / "g2c").rglob("*.py")):
            archive.write(path, path.relative_to(root))
    upload = Upload(content.getvalue(), "nn.zip", Source.WEB)
    accept(service.database, service.queue, CHECKOUT, service.world.unit.id, service.world.ada.id, upload)
    return 1


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def open_files(pid: int) -> list[Path]:
    """What a process has open, nothing if it has ended meanwhile."""
    found = []
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.append(link.readlink())
    return found


def leases_of(processes: list[int]) -> set[Path]:
    """The leases of sandboxes whose locks these processes hold."""
    held = set()
    for pid in processes:
        for target in open_files(pid):
            if target.name == "lock" and target.parent.parent == leases_folder():
                held.add(target.parent)
    return held


def test_the_reference_is_graded(service: Service, new_real_worker: NewRealWorker):
    run_id = hand_in_reference(service)
    new_real_worker()
    run = service.wait_for(run_id, RunState.GRADED, RunState.PROBLEM)
    assert run.problem is None
    (report,) = service.reports(run_id)
    assert report["provenance"]["seed"] == run.seed
    assert {test["outcome"] for test in report["tests"]} == {"passed"}
    assert run.score == report["score"]


def test_a_killed_worker_s_sandboxes_end_by_themselves(service: Service, new_real_worker: NewRealWorker):
    run_id = hand_in_reference(service)
    worker = new_real_worker()
    wait_until(lambda: service.run(run_id).first_result_at, "the first test has its result")
    descendants = family(worker.pid)
    leases = leases_of(descendants)
    assert leases
    worker.kill()
    wait_until(lambda: not any(lease.exists() for lease in leases), "the sandboxes are gone")
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in descendants), "nobody is left")


@pytest.mark.usefixtures("only_our_leftovers")
def test_what_is_killed_with_all_its_processes_is_cleared_away_by_the_next_worker(
    service: Service, new_real_worker: NewRealWorker
):
    run_id = hand_in_reference(service)
    worker = new_real_worker()
    wait_until(lambda: service.run(run_id).first_result_at, "the first test has its result")
    descendants = family(worker.pid)
    leases = leases_of(descendants)
    for pid in descendants:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    worker.ended()
    new_real_worker()
    wait_until(lambda: not any(lease.exists() for lease in leases), "the sandboxes are gone")
    assert service.wait_for(run_id, RunState.GRADED).fence == 2
