"""A real browser before the real pages, with a real worker where a test starts one.

`visit(person, path)` opens a window in which the person is signed in. Whatever a page complains about in the
browser's console, such as a breach of the content security policy, fails the test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from grader.db.database import Database
from grader.db.models import User
from grader.settings import CHECKOUT
from tests.browser.site import Site, browser_program, running_browser, running_site
from tests.databases import database, empty_url, migrated_url
from tests.people import World, cheap_hashing, make_world

__all__ = ["cheap_hashing", "database", "empty_url", "migrated_url"]

WINDOW = {"width": 1200, "height": 860}
SMALL_WINDOW = {"width": 360, "height": 740}
PATIENCE_MS = 20_000

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = browser_program()
    if program is None:
        pytest.skip("there is no browser: run `make setup`")
    expect.set_options(timeout=PATIENCE_MS)
    with running_browser(program) as opened:
        yield opened


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    with running_site(database, tmp_path) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    contexts, complaints = [], []

    def listen(message: ConsoleMessage) -> None:
        is_refusal = message.text.startswith("Failed to load resource")  # what tests ask for on purpose
        if message.type in ("error", "warning") and not is_refusal:
            complaints.append(message.text)

    def open_page(person: User | None, path: str = "/", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": WINDOW, "base_url": site.address, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if person is not None:
            context.add_cookies([site.cookie(person)])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@dataclass(frozen=True)
class Stops:
    """Where the acted grading waits."""

    folder: Path

    def before(self, number: int) -> None:
        """Let the grading wait before this event."""
        self._file(number).touch()

    def pass_on(self, number: int) -> None:
        """Let it go on."""
        self._file(number).unlink()

    def _file(self, number: int) -> Path:
        return self.folder / f"stop-before-{number}"


@pytest.fixture
def stops(tmp_path: Path) -> Stops:
    folder = tmp_path / "stops"
    folder.mkdir()
    return Stops(folder)


@pytest.fixture
def start_worker(site: Site, stops: Stops) -> Iterator[Callable[[], None]]:
    """Starts a worker whose grading is acted: see stepping_grader.py."""
    workers: list[subprocess.Popen[str]] = []

    def start() -> None:
        variables = {"GRADER_DATABASE_URL": site.settings.database_url, "GRADER_DATA_DIR": str(stops.folder)}
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.stepping_grader", str(stops.folder)],
            cwd=CHECKOUT,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            text=True,
        )
        workers.append(worker)
        assert worker.stdout is not None
        assert "ready\n" in iter(worker.stdout.readline, ""), "the worker did not start"

    yield start
    for worker in workers:
        worker.kill()
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()
