"""The real web server: a push of 100 MB is refused in words, and killing it loses nothing."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from grader.db.database import Database, open_database
from grader.db.models import Scope, Submission
from grader.git.repositories import repository_of
from tests.api.client import new_token
from tests.git.client import Workplace
from tests.jobs.workers import wait_until
from tests.people import World
from tests.service.serving import Serving, serving
from tests.submissions.archives.packing import git


@pytest.fixture
def served(empty_service: Path, tmp_path: Path) -> Iterator[Serving]:
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "grader.sqlite").write_bytes(empty_service.read_bytes())
    with serving(tmp_path / "service", "--no-worker", data_dir=tmp_path / "data") as running:
        wait_until(lambda: running.get("/healthz")[0] == 200, "it serves")
        yield running


@pytest.fixture
def database(served: Serving, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'service' / 'grader.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def ada(served: Serving, database: Database, world: World, tmp_path: Path) -> Workplace:
    token = new_token(database, world.ada, Scope.SUBMIT)
    name = quote(world.ada.email, safe="")
    address = served.address.replace("http://", f"http://{name}:{token}@")
    return Workplace(tmp_path / "work", f"{address}/git/dl/nn/ada@example.org.git")


def test_a_hundred_megabytes_are_refused_in_words(
    served: Serving, ada: Workplace, world: World, tmp_path: Path
):
    ada.git("config", "core.compression", "0")
    ada.commit()
    with (ada.folder / "mnist.bin").open("wb") as file, Path("/dev/urandom").open("rb") as noise:
        for _ in range(100):
            file.write(noise.read(1_000_000))
    ada.commit({})
    pushed = ada.push()
    assert pushed.code == 1
    assert "This push is larger than 32 MiB. Nothing was stored or handed in." in pushed.remote, pushed.said
    assert any(line.startswith("Take large files") for line in pushed.remote)
    assert "! [remote rejected] main -> main (not accepted, see above)" in pushed.said
    repository = repository_of(tmp_path / "data", "dl", "nn", world.ada).path
    assert sum(path.stat().st_size for path in repository.rglob("*") if path.is_file()) < 10_000
    assert ada.push("HEAD~1:refs/heads/work").code == 0, "without the large file it is taken"
    git("fsck", "--full", "--strict", at=repository)


BROKEN_CHUNKS = {
    "cut off within a chunk": b"10\r\n0000",
    "cut off between chunks": b"4\r\n0000\r\n",
    "no length": b"zz\r\n0000\r\n",
    "too long a chunk": b"2\r\n0000\r\n0\r\n\r\n",
}


def test_chunks_that_break_off_are_no_failure_of_ours(served: Serving, ada: Workplace):
    for what, chunks in BROKEN_CHUNKS.items():
        with ada.begin_push(chunks, "Transfer-Encoding: chunked") as connection:
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as answer:
                assert answer.readline().split()[1] == b"400", what
    assert served.traces() == ""


def kill_all(served: Serving) -> None:
    """kill -9 of the web server and of the process that serves for it."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    served.process.kill()
    served.process.wait()
    for child in children:
        os.kill(int(child), signal.SIGKILL)


def test_a_web_server_that_is_killed_loses_nothing(
    served: Serving, ada: Workplace, database: Database, world: World, tmp_path: Path
):
    """The student's git says that the connection broke; what was handed in stays."""
    commit = ada.commit()
    process = ada.start("push", "grader", "main")
    assert process.stderr is not None
    lines = iter(process.stderr)
    assert any("Waiting to be graded" in line for line in lines)
    kill_all(served)
    rest = "".join(lines)
    process.wait(60)
    process.stderr.close()
    assert re.search("hung up|disconnect|RPC failed", rest), rest
    repository = repository_of(tmp_path / "data", "dl", "nn", world.ada).path
    assert git("rev-parse", "main", at=repository) == commit
    git("fsck", "--full", "--strict", at=repository)
    with database.reading() as session:
        assert session.query(Submission).filter_by(user_id=world.ada.id).count() == 1
