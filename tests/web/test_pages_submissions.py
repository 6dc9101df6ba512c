"""GET /courses/<course>/<unit>/submissions, for staff."""

import re
from datetime import timedelta

import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import RunState
from tests.cast import half_done, reference
from tests.people import enrol, make_person
from tests.web.handed_in import hand_in

URL = "/courses/dl/nn/submissions"


def names(page):
    return re.findall(r'<th role="rowheader" scope="row"><a href="[^"]+">([^<]+)', page)


def test_everybodys_work_newest_first(client_of, database, world):
    at = now()
    hand_in(database, world, half_done(), received_at=at - timedelta(hours=2))
    hand_in(database, world, reference(), person=world.ben, received_at=at, is_late=True)
    hand_in(database, world, RunState.QUEUED, received_at=at - timedelta(hours=1))
    page = client_of(world.tara).get(URL).text
    assert names(page) == ["Ben Okri", "Ada Byron", "Ada Byron"]
    assert "3 submissions" in page
    assert "<strong>100</strong>" in page
    assert "waiting" in page
    assert page.count('class="tag late"') == 1


def test_search_by_part_of_name_or_address(client_of, database, world):
    hand_in(database, world, half_done())
    hand_in(database, world, half_done(), person=world.ben)
    for search in ("byr", "ADA@"):
        assert names(client_of(world.tara).get(f"{URL}?q={search}").text) == ["Ada Byron"]
    page = client_of(world.tara).get(f"{URL}?q=%25<b>").text
    assert "Nobody of that name" in page
    assert "<b>" not in page


def test_pages_of_fifty(client_of, database, world):
    hand_in(database, world, *[RunState.CANCELLED] * 120)
    browser = client_of(world.tara)
    assert len(names(browser.get(URL).text)) == 50
    last = browser.get(f"{URL}?page=3").text
    assert len(names(last)) == 20
    assert "Page 3 of 3" in last
    for silly in ("0", "99", "x", "-1"):
        assert browser.get(f"{URL}?page={silly}").status_code == 200


def test_the_list_reads_no_report_and_asks_once_for_all_rows(client_of, database, world):
    with database.writing() as session:
        people = [make_person(session, f"Student{number} Doe") for number in range(12)]
        for person in people:
            enrol(session, world.course, person)
    for person in people:
        hand_in(database, world, half_done(), person=person)
    said = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *event: said.append(event[2]))
    client_of(world.tara).get(URL)
    assert len(said) <= 8, said
    assert not any("run_reports" in text for text in said)
