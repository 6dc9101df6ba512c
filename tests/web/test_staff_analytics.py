"""/courses/<course>/<unit>/analytics: the unit in numbers, and from each number to those whom it is about."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import CourseUnit, RunState
from grader.judging.result import Hint, Outcome
from tests.cast import half_done, reference, template, too_slow
from tests.factories import make_result, make_test
from tests.people import enrol, make_person
from tests.web.handed_in import hand_in

URL = "/courses/dl/nn/analytics"
STEP = "tests/test_nn.py::test_step"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # what is asked of the database is tested in tests/analytics, on both kinds


def page(client_of, person, path=URL, **query):
    answer = client_of(person).get(f"{path}?{urlencode(query)}")
    assert answer.status_code == 200
    return answer.text


def test_numbers_of_a_unit_and_the_way_to_who(client_of, database, world):
    hand_in(database, world, template(), half_done(), reference(), too_slow())
    (bens,) = hand_in(database, world, half_done(), person=world.ben)
    found = page(client_of, world.tara)
    for title in ("Most frequent hints", "Scores", "Test groups", "Tests", "Timed runs", "Attempts"):
        assert f">{title}</h2>" in found
    link = re.search(r'<a href="([^"]+)">1 student<span class="unseen">, no-grad-missing', found)
    assert link is not None
    who = client_of(world.tara).get(link[1].replace("&amp;", "&")).text
    assert f'<a href="/submissions/{bens}">Ben Okri' in who
    assert "Ada Byron" not in who
    assert "with torch.no_grad" in who


def test_latest_attempts_instead_of_counting_ones(client_of, database, world):
    hand_in(database, world, reference(), half_done())
    assert "no-grad-missing" not in page(client_of, world.tara)
    latest = page(client_of, world.tara, of="latest")
    assert "no-grad-missing" in latest
    assert "analytics/hint?code=no-grad-missing&amp;of=latest" in latest
    assert "no-grad-missing" not in page(client_of, world.tara, of="<nonsense>")


def test_a_test_shows_who_does_not_pass_it(client_of, database, world):
    hand_in(database, world, reference())
    (bens,) = hand_in(database, world, half_done(), person=world.ben)
    found = page(client_of, world.tara, f"{URL}/test", id=STEP)
    assert "1 of 2 pass, 1 do not." in found
    assert f'<a href="/submissions/{bens}">Ben Okri' in found
    assert ">failed</td>" in found
    assert "Passing over time" in found
    assert "No counting attempt has a test of this name" in page(client_of, world.tara, f"{URL}/test", id="x")


def test_fewest_passing_first(client_of, database, world):
    hand_in(database, world, half_done())
    usual, hardest = page(client_of, world.tara), page(client_of, world.tara, sort="hardest")
    assert usual.index(">test_linear_shapes<") < usual.index(">test_step<")
    assert hardest.index(">test_step<") < hardest.index(">test_linear_shapes<")


@pytest.mark.parametrize(
    "results", [(), (RunState.QUEUED,), (template(),), (RunState.PROBLEM, RunState.CANCELLED)]
)
def test_pages_with_little_or_nothing_on_them(client_of, database, world, results):
    hand_in(database, world, *results)
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() - timedelta(hours=3)
    found = page(client_of, world.tara)
    assert ("Nothing has been handed in yet" in found) is not bool(results)
    assert "Timed runs" not in found
    assert "No counting attempt is given this hint" in page(client_of, world.tara, f"{URL}/hint", code="<b>")


def test_hostile_names_are_shown_as_text(client_of, database, world):
    script = "<script>alert(1)</script>"
    name = f"tests/test_nn.py::test_[{script}]"
    test = make_test(id=name, group=script, outcome=Outcome.FAILED, hint=Hint(script, script))
    with database.writing() as session:
        eve = make_person(session, script, email="eve@example.org")
        enrol(session, world.course, eve)
    hand_in(database, world, make_result(tests=(test,)), person=eve)
    for path, query in ((URL, {}), (f"{URL}/hint", {"code": script}), (f"{URL}/test", {"id": name})):
        found = page(client_of, world.tara, path, **query)
        assert "&lt;script&gt;alert" in found
        assert "<script>alert" not in found


def test_no_report_is_read_but_one_and_the_queries_do_not_grow(client_of, database, world):
    with database.writing() as session:
        people = [make_person(session, f"Student{number} Doe") for number in range(9)]
        for person in people:
            enrol(session, world.course, person)
    for person in people:
        hand_in(database, world, half_done(), reference(), person=person)
    said = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *event: said.append(event[2]))
    client_of(world.tara).get(URL)
    assert len(said) <= 16, said
    assert sum("run_reports" in text for text in said) == 1
