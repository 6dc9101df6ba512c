"""Starting this grader's pages for an attack: a fresh database, a real server, the log as in production."""

from __future__ import annotations

import contextlib
import io
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from grader.db import migration
from grader.db.database import open_database
from grader.service.logs import configure_logging
from redteam.web_ours import OurSite
from redteam.web_serving import served


@contextmanager
def running_our_site(template: Path, folder: Path, url: str = "") -> Iterator[OurSite]:
    """Serve it on a free port of loopback, with logs as in production, kept in memory.

    `template` is a migrated SQLite file to copy; with `url` the database there is used, newly made.
    """
    folder.mkdir(parents=True)
    if not url:
        shutil.copyfile(template, folder / "grader.sqlite")
        url = f"sqlite:///{folder / 'grader.sqlite'}"
    database = open_database(url)
    if not url.startswith("sqlite"):
        migration.upgrade(database)
    with _kept_log() as log:
        site = OurSite(database, url, folder, log)
        with contextlib.closing(database), served(site.app) as site.address:
            yield site


def migrated_template(folder: Path) -> Path:
    """Make an SQLite database with the newest schema, to be copied."""
    database = open_database(f"sqlite:///{folder / 'template.sqlite'}")
    migration.upgrade(database)
    database.close()
    return folder / "template.sqlite"


@contextmanager
def _kept_log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, log = root.handlers[:], root.level, io.StringIO()
    configure_logging("text")
    structlog.configure(cache_logger_on_first_use=False)  # else modules would log here for ever
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(log)
    try:
        yield log
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
