"""The supervisor: children run, are started again when they die, finish when asked, and never outlive it."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.settings import CHECKOUT
from tests.jobs.workers import wait_until

SUPERVISE = """
import sys
from grader.service import supervisor
from grader.service.logs import configure_logging
configure_logging("text")
supervisor.FIRST_PAUSE_S = 0.1
children = [supervisor.Child(name, [sys.executable, "-c", code]) for name, code in {children!r}]
sys.exit(supervisor.supervise(children))
"""
# Writes down its number, and at SIGTERM that it has finished.
STEADY = """
import os, pathlib, signal, time
folder = pathlib.Path({folder!r})
def finish(*_):
    (folder / "finished").touch()
    os._exit(0)
signal.signal(signal.SIGTERM, finish)
(folder / f"alive-{{os.getpid()}}").touch()
while True:
    time.sleep(60)
"""
STUBBORN = STEADY.replace(
    "signal.signal(signal.SIGTERM, finish)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
)
FAILS = "import sys; sys.exit({code})"

Supervise = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Starts a supervisor of programs given by their code."""
    started: list[subprocess.Popen[str]] = []

    def start(*codes: str) -> subprocess.Popen[str]:
        children = [(f"child{number}", code) for number, code in enumerate(codes)]
        code = SUPERVISE.format(children=children)
        started.append(
            subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def living(folder: Path) -> list[int]:
    """The numbers of the children that have started and still live."""
    numbers = [int(path.name.removeprefix("alive-")) for path in folder.glob("alive-*")]
    return [number for number in numbers if Path(f"/proc/{number}").exists()]


def first(folder: Path) -> int:
    wait_until(lambda: living(folder), "a child runs")
    return living(folder)[0]


def steady(folder: Path, code: str = STEADY) -> str:
    folder.mkdir(exist_ok=True)
    return textwrap.dedent(code.format(folder=str(folder)))


def test_at_sigterm_all_finish_and_it_ends_well(supervise: Supervise, tmp_path: Path):
    folders = (tmp_path / "a", tmp_path / "b")
    process = supervise(*map(steady, folders))
    for folder in folders:
        first(folder)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert all((folder / "finished").exists() and not living(folder) for folder in folders)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_is_killed_is_started_again(
    supervise: Supervise, tmp_path: Path, number: signal.Signals
):
    supervise(steady(tmp_path))
    child = first(tmp_path)
    os.kill(child, number)
    wait_until(lambda: any(other != child for other in living(tmp_path)), "another child runs")


def test_one_that_fails_to_start_ends_all_with_its_exit_code(supervise: Supervise, tmp_path: Path):
    process = supervise(steady(tmp_path), FAILS.format(code=4))
    assert process.wait(30) == 4
    assert not living(tmp_path)


def test_one_that_fails_later_is_started_again(supervise: Supervise, tmp_path: Path):
    """Its second life fails as a database outage would make it; the third one works."""
    code = f"""
    import os, pathlib, sys
    count = pathlib.Path({str(tmp_path)!r}) / "count"
    lives = len(count.read_text()) if count.exists() else 0
    count.write_text("x" * (lives + 1))
    if lives == 0:
        os.kill(os.getpid(), 9)
    if lives == 1:
        sys.exit(4)
    """
    supervise(textwrap.dedent(code) + steady(tmp_path))
    first(tmp_path)
    assert (tmp_path / "count").read_text() == "xxx"


def test_one_that_does_not_finish_is_ended_by_the_second_request(supervise: Supervise, tmp_path: Path):
    process = supervise(steady(tmp_path, STUBBORN))
    first(tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    wait_until(lambda: "stopping" in process.stderr.readline(), "it has been asked")  # type: ignore[union-attr]
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not living(tmp_path)


def test_children_finish_when_it_is_killed(supervise: Supervise, tmp_path: Path):
    process = supervise(steady(tmp_path))
    first(tmp_path)
    process.kill()
    wait_until(lambda: not living(tmp_path), "the child has ended")
    assert (tmp_path / "finished").exists()


def test_ctrl_c_reaches_it_alone(supervise: Supervise, tmp_path: Path):
    """A terminal sends SIGINT to the whole process group; children in theirs are asked in turn."""
    process = supervise(steady(tmp_path))
    assert os.getpgid(first(tmp_path)) != os.getpgid(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert (tmp_path / "finished").exists()
