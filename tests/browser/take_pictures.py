"""Takes the pictures of the pages that the documentation shows: `python -m tests.browser.take_pictures`.

Ada has handed in five times; Ben's hand-in is being graded. Look at the pictures before you commit them.
"""

from __future__ import annotations

import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from grader.db import migration
from grader.db.base import now
from grader.db.database import Database, open_database
from grader.db.models import CourseUnit, RunEvent, RunState
from grader.settings import CHECKOUT
from tests.browser.site import Site, browser_program, running_browser, running_site
from tests.cast import crashing, half_done, template, too_slow
from tests.people import World, make_run, make_submission, make_world
from tests.results.events import EVENTS

IMAGES = CHECKOUT / "docs" / "images"
SHOWN_EVENTS = len(EVENTS) - 2  # three of the five epochs
WINDOW = {"width": 1200, "height": 1000}
Scene = tuple[World, dict[str, str]]


def main() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    program = browser_program()
    if program is None:
        raise SystemExit("there is no browser: run `make setup`")
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/grader.sqlite")
        migration.upgrade(database)
        world, paths = set_scene(database)
        with running_site(database, Path(folder)) as site, running_browser(program) as browser:
            for name, person in (("unit", world.ada), ("result", world.ada), ("live", world.ben)):
                context = browser.new_context(viewport=WINDOW, timezone_id="Europe/Berlin")  # type: ignore[arg-type]
                take(context, site, person, paths[name], IMAGES / f"page-{name}.png")
                context.close()
        database.close()


def set_scene(database: Database) -> Scene:
    """Store what the pictures show; return everyone, and the path of each page."""
    world = make_world(database)
    begin = now() - timedelta(days=4)
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.max_attempts = now() + timedelta(days=3, hours=4, minutes=10), 12
        for number, make in enumerate((template, half_done, crashing, half_done, too_slow)):
            at = begin + timedelta(hours=11 * number)
            newest = make_submission(session, unit, world.ada, received_at=at)
            make_run(session, newest, make(), queued_at=at)
        live = make_submission(session, unit, world.ben)
        run = make_run(session, live, state=RunState.RUNNING)
        session.add_all(
            RunEvent(run_id=run.id, fence=run.fence, number=number, kind=kind, data=data)
            for number, kind, data in EVENTS[:SHOWN_EVENTS]
        )
        paths = {"unit": "/courses/dl/nn/", "result": f"/submissions/{newest.public_id}"}
        return world, {**paths, "live": f"/submissions/{live.public_id}"}


def take(context: Any, site: Site, person: Any, path: str, target: Path) -> None:
    """Open the page as this person and keep what the window shows."""
    context.add_cookies([site.cookie(person)])
    page = context.new_page()
    page.goto(site.address + path, wait_until="networkidle" if path.startswith("/courses") else "load")
    page.screenshot(path=target)
    print(target.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
