"""Bring the compose files up, use the service as a course would, and take all down again.

    .venv/bin/python scripts/check_compose.py               one machine, SQLite
    .venv/bin/python scripts/check_compose.py --postgresql  with compose.postgresql.yaml

Not part of the tests: it needs `docker compose`, the image grader-service (or the one that GRADER_IMAGE
names), /var/lib/grader as the how-to makes it, and a checkout that `make setup` has prepared, whose MNIST and
wheels it takes. Its containers, network and volumes are a project of their own, and it reads no settings that
lie beside the compose files, so a service that runs here and its database are left alone. Takes some minutes,
and ends with code 1 at the first thing that is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from grader.service.api_client import Answer, ApiClient
from grader.service.demo_course import COURSE, UNIT, hand_ins, write_course_file

CHECKOUT = Path(__file__).resolve().parents[1]
PROJECT = "grader-check"
PORT = 18_000
ADDRESS = f"http://127.0.0.1:{PORT}"
ENDING_S = 900.0  # for one grading on a busy machine
STUDENT, PASSWORD = "ada@example.org", "vivid-otter-sings-41"
# service.env is the real service's: it may name the real database.
NO_SETTINGS_FILE = """\
services:
  web: {env_file: !reset []}
  worker: {env_file: !reset []}
"""
KEPT_SETTINGS = ("GRADER_IMAGE", "GRADER_DOCKER_BASE_IMAGE")


class Stack:
    """The containers of this check; `folder` is for a compose file of its own."""

    def __init__(self, files: list[str], folder: Path):
        override = folder / "compose.check.yaml"
        override.write_text(NO_SETTINGS_FILE, encoding="utf-8")
        self._command = ["docker", "compose", "-p", PROJECT, "--env-file", os.devnull]
        self._command += [part for file in (*files, str(override)) for part in ("-f", file)]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not is_the_services(name)},
            "GRADER_DATABASE_URL": "",
            "GRADER_SECRET_KEY": "",
            "GRADER_PUBLIC_URL": ADDRESS,
            "GRADER_PORT": f"127.0.0.1:{PORT}",
            "DOCKER_GROUP": str(Path("/var/run/docker.sock").stat().st_gid),
            "POSTGRES_PASSWORD": secrets.token_hex(24),
        }

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Return what `docker compose ARGUMENTS…` printed; an error if it failed."""
        print("+ docker compose", *arguments, flush=True)
        return subprocess.run(
            [*self._command, *arguments],
            cwd=CHECKOUT / "docker/service",
            env=self._environment,
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def once(self, folder: Path, *arguments: str) -> str:
        """Run `grader ARGUMENTS…` in a container of its own that sees `folder` as /shared."""
        return self("run", "--rm", "--no-deps", "-T", "-v", f"{folder}:/shared", "web", *arguments)


def is_the_services(name: str) -> bool:
    """Whether this variable of the environment would change what the containers of the check work on."""
    return name.startswith(("GRADER_", "COMPOSE_")) and name not in KEPT_SETTINGS


class Student:
    """Hands in the reference and waits."""

    def __init__(self, token: str):
        self._api = ApiClient(ADDRESS, token)
        (self._solution,) = (made for made in hand_ins(CHECKOUT) if made.is_complete)

    def hand_in(self) -> str:
        """Hand in; return the submission's id."""
        return str(self._api.hand_in(COURSE, UNIT, "solution.zip", self._solution.archive)["id"])

    def wait(self, submission: str, done: Callable[[Answer], bool]) -> Answer:
        """Return how the submission stands as soon as that is what is waited for."""
        return wait_for(f"submission {submission}", lambda: self._api.status(submission), done)

    def assert_full_score(self, submission: str) -> None:
        """Wait for all points, which the reference gets."""
        status = self.wait(submission, lambda found: found["state"] not in ("queued", "running"))
        print(
            f"submission {submission}: {status['state']}, {status['score']} of {status['max_score']}",
            flush=True,
        )
        assert status["state"] == "graded" and status["score"] == status["max_score"] == 100


def wait_for(what: str, look: Callable[[], Answer], done: Callable[[Answer], bool]) -> Answer:
    """Look every second until it is done; an error after `ENDING_S`."""
    deadline = time.monotonic() + ENDING_S
    while not done(found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} is still {found}")
        time.sleep(1)
    return found


def readiness() -> Answer:
    """Return whether the web server says that all is there; it may not answer yet."""
    try:
        with urllib.request.urlopen(f"{ADDRESS}/readyz", timeout=10) as answer:
            return {"ready": answer.status == 200}
    except (urllib.error.URLError, ConnectionError) as error:
        return {"ready": False, "because": str(error)}


def wait_until_ready() -> None:
    """Wait until the web server says that all is there, a living worker, too."""
    wait_for("the service", readiness, lambda found: bool(found["ready"]))


def live_a_course(stack: Stack, shared: Path) -> None:
    """Do what the how-to says, and what will happen to a service: stops, deaths, a restored backup."""
    stack("create")
    for name in ("mnist", "wheelhouse"):
        stack("cp", str(CHECKOUT / "var" / name), f"worker:/data/{name}")
    stack("run", "--rm", "--no-deps", "-T", "worker", "sandbox", "prepare", "docker")
    stack("up", "-d")
    wait_until_ready()
    added = ("user", "add", "admin@example.org", "--name", "The Admin", "--admin", "--password-stdin")
    stack("exec", "-T", "web", "grader", *added, stdin=PASSWORD)
    write_course_file(shared)
    stack.once(shared, "course", "import", "/shared/course.toml")
    student = Student(stack("exec", "-T", "web", "grader", "user", "token", STUDENT).strip())
    first = student.hand_in()
    student.assert_full_score(first)

    for stop, go_on in ((("kill", "worker"), ("up", "-d")), (("restart", "worker"), ())):
        submission = student.hand_in()
        student.wait(submission, lambda found: found["state"] == "running")
        stack(*stop)
        if go_on:
            stack(*go_on)
        student.assert_full_score(submission)

    stack.once(shared, "backup", "/shared/backup")
    stack("down")
    stack("up", "-d")
    wait_until_ready()
    student.assert_full_score(first)
    lost = student.hand_in()
    stack("stop", "web", "worker")
    stack.once(shared, "restore", "--force", "/shared/backup")
    stack("start", "web", "worker")
    wait_until_ready()
    student.assert_full_score(first)
    try:
        student.wait(lost, lambda _: True)
    except Exception as error:
        assert "404" in str(error), error
    else:
        raise AssertionError("what came after the backup is still there")


def main() -> None:
    """Check one of the two stacks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--postgresql", action="store_true", help="with compose.postgresql.yaml")
    files = ["compose.yaml", *(["compose.postgresql.yaml"] if parser.parse_args().postgresql else [])]
    with tempfile.TemporaryDirectory() as own, tempfile.TemporaryDirectory() as folder:
        stack = Stack(files, Path(own))
        shared = Path(folder)
        shared.chmod(0o777)  # the container's user is another
        try:
            live_a_course(stack, shared)
        except BaseException:
            print(stack("logs", "--tail", "20"), file=sys.stderr)
            raise
        finally:
            stack("down", "--volumes", "--timeout", "60")
    print("all is well")


if __name__ == "__main__":
    main()
