"""A unit's settings: changed, refused with what was typed, and confirmed where they would hurt."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Counting, CourseUnit
from tests.people import World, make_submission
from tests.web.conftest import ClientOf

SETTINGS = "/courses/dl/nn/settings"
FORM = {"title": "A net", "is_published": "1", "counts": "best", "checks_similarity": "1"}


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query of these pages depends on it


@pytest.fixture
def ines(client_of: ClientOf, world: World) -> FlaskClient:
    return client_of(world.ines)


def unit_of(database: Database, world: World) -> CourseUnit:
    with database.reading() as session:
        return session.get_one(CourseUnit, world.unit.id)


def test_terms_are_changed_and_that_is_written_down(ines: FlaskClient, database: Database, world: World):
    dates = {"deadline_at": "2030-12-01T10:00", "deadline_at_utc": "2030-12-01T09:00:00.000Z"}
    answer = ines.post(SETTINGS, data={**FORM, **dates, "max_attempts": "7", "confirmed": _read(ines, dates)})
    assert (answer.status_code, answer.location) == (303, SETTINGS)
    unit = unit_of(database, world)
    assert (unit.title, unit.max_attempts, unit.counts) == ("A net", 7, Counting.BEST)
    assert unit.deadline_at == datetime(2030, 12, 1, 9, tzinfo=UTC), "as the browser's script says it in UTC"
    with database.reading() as session:
        event = session.query(AuditEvent).filter_by(action="unit.change", actor_id=world.ines.id).one()
    assert event.details["deadline_at"] == {"before": None, "after": "2030-12-01T09:00:00+00:00"}
    assert event.course_id == world.course.id
    page = ines.get(SETTINGS).text
    assert 'value="2030-12-01T09:00"' in page
    assert "UTC" in page


def _read(browser: FlaskClient, changes: dict[str, Any]) -> str:
    """Return what the page has confirmed that asks about the change."""
    page = browser.post(SETTINGS, data={**FORM, "max_attempts": "7", **changes})
    assert page.status_code == 422
    found = re.search(r'name="confirmed" value="(\w+)"', page.text)
    assert found is not None
    return found[1]


def test_mistakes_are_told_and_what_was_typed_is_kept(ines: FlaskClient, database: Database, world: World):
    typed = {
        "title": "A <net>",
        "deadline_at": "2030-12-01T10:00",
        "deadline_at_utc": "2030-12-01T09:00:00.000Z",
        "late_until_at": "2030-11-01T10:00",
        "max_attempts": "none",
    }
    answer = ines.post(SETTINGS, data=typed)
    assert answer.status_code == 422
    assert "This must be after the deadline." in answer.text
    assert "Enter a whole number" in answer.text
    for kept in ("A &lt;net&gt;", 'value="2030-12-01T09:00"', 'value="2030-11-01T10:00"', 'value="none"'):
        assert kept in answer.text
    assert 'name="is_published" value="1">' in answer.text
    assert unit_of(database, world).title == world.unit.title


def test_what_hurts_is_done_only_when_just_that_was_confirmed(
    ines: FlaskClient, database: Database, world: World
):
    deadline_at = now() + timedelta(days=9)
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = deadline_at
        make_submission(session, world.unit, world.ada)
    hidden = {**FORM, "deadline_at": f"{deadline_at:%Y-%m-%dT%H:%M}"}
    del hidden["is_published"]
    asked = ines.post(SETTINGS, data=hidden)
    assert asked.status_code == 422
    assert "1 student handed in, and can’t see the unit any more." in asked.text
    found = re.search(r'name="confirmed" value="(\w+)"', asked.text)
    assert found is not None
    earlier = {**hidden, "deadline_at": "2020-01-01T10:00", "confirmed": found[1]}
    assert "become late" in ines.post(SETTINGS, data=earlier).text, "what has not been told is asked for"
    assert unit_of(database, world).is_published
    assert ines.post(SETTINGS, data={**hidden, "confirmed": found[1]}).status_code == 303
    unit = unit_of(database, world)
    assert not unit.is_published
    assert unit.deadline_at == deadline_at, "it was not touched, and keeps its seconds"


def test_a_harmless_change_is_not_asked_about(ines: FlaskClient, database: Database, world: World):
    assert ines.post(SETTINGS, data=FORM).status_code == 303
    assert unit_of(database, world).title == "A net"
    before = ines.post(SETTINGS, data=FORM, follow_redirects=True)
    assert "Nothing was changed." in before.text
