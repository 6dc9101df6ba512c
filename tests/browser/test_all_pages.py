"""Every page of students and staff: no horizontal scrolling at 360 px, and nothing that axe objects to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CourseUnit, RunState
from tests.browser.conftest import SMALL_WINDOW, WINDOW, Visit
from tests.cast import crashing, half_done, reference, template, too_slow
from tests.people import World
from tests.web.handed_in import hand_in, run_on

PAGES = (
    "course",
    "unit",
    "empty unit",
    "full marks",
    "half done",
    "crashing",
    "for staff",
    "problem",
    "replaced",
    "waiting",
    "running",
    "comparison",
    "list",
)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WINDOW, "color_scheme": "light"},
    "dark": {"viewport": WINDOW, "color_scheme": "dark"},
    "small": {"viewport": SMALL_WINDOW, "color_scheme": "light", "has_touch": True},
}


@pytest.fixture
def paths(database: Database, world: World) -> dict[str, str]:
    """Each page's path, with as much on it as there can be."""
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.max_attempts = now() + timedelta(days=2), 12
    results = (template(), half_done(), crashing(), too_slow(), reference())
    ids = hand_in(database, world, *results, RunState.PROBLEM, RunState.SUPERSEDED, is_late=True)
    (waiting,) = hand_in(database, world, RunState.QUEUED, filename="a-" * 100 + ".zip")
    numbers = {"half done": 1, "crashing": 2, "full marks": 4, "problem": 5, "replaced": 6}
    return {
        "course": "/courses/dl/",
        "unit": "/courses/dl/nn/",
        "empty unit": "/courses/dl/nn/",
        "for staff": f"/submissions/{ids[3]}",
        "waiting": f"/submissions/{waiting}",
        "running": f"/submissions/{run_on(database, world)}",
        "comparison": f"/courses/dl/nn/compare?from={ids[4]}&to={ids[1]}",
        "list": "/courses/dl/nn/submissions",
        **{name: f"/submissions/{ids[number]}" for name, number in numbers.items()},
    }


@pytest.mark.parametrize("look", LOOKS)
def test_pages_fit_and_are_accessible(visit: Visit, world: World, paths: dict[str, str], look: str):
    assert set(paths) == set(PAGES)
    objections = {}
    for name in PAGES:
        person = {"empty unit": world.ben, "for staff": world.tara, "list": world.tara}.get(name, world.ada)
        page = visit(person, paths[name], **LOOKS[look])
        width = page.evaluate("document.documentElement.scrollWidth")
        found = [
            f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for violation in Axe().run(page).response["violations"]
            for node in violation["nodes"][:3]
        ]
        if width > LOOKS[look]["viewport"]["width"]:
            found.append(f"{width} px wide")
        if found:
            objections[name] = found
        page.context.close()
    assert objections == {}
