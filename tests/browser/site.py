"""The service as a browser finds it: the app behind a real server on loopback, and a browser to see it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import User
from grader.jobs.engine import prepare_job_tables
from grader.jobs.queue import JobQueue
from grader.settings import Settings
from grader.web.app import create_app

PROGRAMS = ("chromium", "google-chrome")


@dataclass(frozen=True)
class Site:
    """The running service: its address, and what it is made of."""

    address: str
    app: Flask
    settings: Settings

    def cookie(self, person: User) -> dict[str, str]:
        """Return the cookie of a person who is signed in."""
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        said = {"user": person.id, "version": person.session_version, "since": now().timestamp()}
        value = str(serializer.dumps({**said, "_permanent": True}))
        return {"name": "session", "value": value, "url": self.address}


@contextmanager
def running_site(database: Database, data_dir: Path) -> Iterator[Site]:
    """Serve the app on a free port, with the real queue and no worker."""
    url = database.engine.url.render_as_string(hide_password=False)
    prepare_job_tables(url)
    queue = JobQueue(url)
    settings = Settings(data_dir=data_dir, database_url=url)
    app = create_app(settings, database, queue)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", app, settings)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        queue.close()


def browser_program() -> str | None:
    """Return where the browser is; None if there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def running_browser(program: str) -> Iterator[Browser]:
    """Start the browser without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()
