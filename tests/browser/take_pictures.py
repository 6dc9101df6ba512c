"""Takes the pictures of the pages that the documentation shows: `python -m tests.browser.take_pictures`.

Ada has handed in five times; Ben's hand-in is being graded; a class fills the gradebook of a second unit.
Look at the pictures before you commit them.
"""

from __future__ import annotations

import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from grader.db import migration
from grader.db.base import now
from grader.db.database import Database, open_database
from grader.db.models import CourseUnit, DecisionKind, RunEvent, RunState, User
from grader.grades.decisions import Verdict, decide
from grader.settings import CHECKOUT
from tests.browser.site import Site, browser_program, running_browser, running_site
from tests.cast import crashing, half_done, reference, template, too_slow
from tests.people import World, enrol, make_person, make_run, make_submission, make_unit, make_world
from tests.results.events import EVENTS

IMAGES = CHECKOUT / "docs" / "images"
SHOWN_EVENTS = len(EVENTS) - 2  # three of the five epochs
WINDOW = {"width": 1200, "height": 1000}
SHOWN_TO = {"unit": "ada", "result": "ada", "live": "ben", "gradebook": "tara"}
CLASS = (
    *("Amira Haddad", "Bruno Keller", "Chiara Bianchi", "Dmitri Ivanov", "Elif Yilmaz", "Farid Nasser"),
    *("Greta Lindqvist", "Hiro Tanaka", "Jonas Weber", "Katarzyna Nowak", "Liam Byrne", "Mei Chen"),
    *("Nadia Petrova", "Oskar Holm", "Priya Raman", "Rosa García"),
)
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
            for name, person in SHOWN_TO.items():
                reader = getattr(world, person)
                context = browser.new_context(viewport=WINDOW, timezone_id="Europe/Berlin")  # type: ignore[arg-type]
                take(context, site, reader, paths[name], IMAGES / f"page-{name}.png")
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
        fill_gradebook(session, world)
        paths = {
            "gradebook": "/courses/dl/gradebook",
            "unit": "/courses/dl/nn/",
            "result": f"/submissions/{newest.public_id}",
        }
        return world, {**paths, "live": f"/submissions/{live.public_id}"}


def fill_gradebook(session: Session, world: World) -> None:
    """Store a class that has handed in both units of a course that is over with the first."""
    tara = session.get_one(User, world.tara.id)
    first = make_unit(session, world.course, slug="tensors", title="Module 02 — Tensors", position=-1)
    first.deadline_at, first.late_percent_per_day = now() - timedelta(days=6), 10.0
    results = [make() for make in (reference, half_done, too_slow, reference, crashing)]
    second = session.get_one(CourseUnit, world.unit.id)
    for number, name in enumerate(CLASS):
        person = make_person(session, name)
        enrol(
            session, world.course, person, section="AB"[number % 2], student_number=str(700_412 + 37 * number)
        )
        is_late = number % 6 == 4
        at = first.deadline_at + timedelta(hours=30 if is_late else -5 * number)
        done = make_submission(session, first, person, received_at=at, is_late=is_late)
        make_run(session, done, results[number % len(results)], queued_at=at)
        if number % 3:
            begun = make_submission(session, second, person)
            make_run(session, begun, results[(number + 1) % len(results)])
        if number == 6:
            reason = "Ill for two weeks, with a note."
            decide(session, first.id, person.id, Verdict(DecisionKind.EXCUSED, reason), tara)


def take(context: Any, site: Site, person: Any, path: str, target: Path) -> None:
    """Open the page as this person and keep what the window shows."""
    context.add_cookies([site.cookie(person)])
    page = context.new_page()
    page.goto(site.address + path, wait_until="networkidle" if path.startswith("/courses") else "load")
    page.screenshot(path=target)
    print(target.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
