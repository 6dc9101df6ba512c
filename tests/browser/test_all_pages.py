"""Every page of students and staff: no horizontal scrolling at 360 px, and nothing that axe objects to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CourseUnit, PushState, RunState, User, WebhookAttempt
from tests.browser.conftest import Visit
from tests.browser.looks import LOOKS, objections
from tests.cast import crashing, half_done, reference, template, too_slow
from tests.integrations import URL, make_delivery, make_link, make_push, make_webhook
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
    "gradebook",
    "webhooks",
    "webhook",
    "secret of a webhook",
    "delivery",
    "no repository",
    "repository",
)


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
        "gradebook": "/courses/dl/gradebook",
        **integrations(database, world),
        **{name: f"/submissions/{ids[number]}" for name, number in numbers.items()},
    }


def visitor(world: World, page: str) -> User:
    """Whose page it is."""
    if page in ("empty unit", "no repository"):
        return world.ben
    if page in ("for staff", "list", "gradebook"):
        return world.tara
    return world.ines if page in ("webhooks", "webhook", "secret of a webhook", "delivery") else world.ada


def integrations(database: Database, world: World) -> dict[str, str]:
    """Paths of the pages for other programs: webhooks with deliveries, a repository with pushes."""
    with database.writing() as session:
        webhook = make_webhook(session, world.course, failing_since=now(), url=URL + "/very-long" * 20)
        make_webhook(session, world.course, is_active=False, off_reason="It failed too long.")
        attempt = WebhookAttempt(
            at=now(), signature="v1,abc=", duration_s=0.1, status=500, answer="x" * 4000, error=None
        )
        delivery = make_delivery(session, webhook, tries=1, last_status=500, last_error="It answered 500.")
        delivery.attempts.append(attempt)
        make_delivery(session, webhook, next_try_at=None)
        make_delivery(session, webhook, next_try_at=None, delivered_at=now())
        link = make_link(session, world.unit, world.ada)
        make_push(session, link, "0", "a1", text="g2c/nn/loss.py is missing.", state=PushState.REFUSED)
        make_push(session, link, "a1", "a2")
        path = f"/courses/dl/webhooks/{webhook.public_id}"
        return {
            "webhooks": "/courses/dl/webhooks",
            "webhook": path,
            "secret of a webhook": path,
            "delivery": f"{path}/deliveries/{delivery.public_id}",
            "repository": "/courses/dl/nn/repository",
            "no repository": "/courses/dl/nn/repository",
        }


@pytest.mark.parametrize("look", LOOKS)
def test_pages_fit_and_are_accessible(visit: Visit, world: World, paths: dict[str, str], look: str):
    assert set(paths) == set(PAGES)
    found_on = {}
    for name in PAGES:
        page = visit(visitor(world, name), paths[name], **LOOKS[look])
        if name == "secret of a webhook":
            page.get_by_role("button", name="Make a new secret").click()
            expect(page.get_by_role("heading", name="The webhook’s secret")).to_be_visible()
        if name == "delivery":
            page.get_by_text("Headers and answer").click()
        if found := objections(page):
            found_on[name] = found
        page.context.close()
    assert found_on == {}
