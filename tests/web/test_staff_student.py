"""One student in one unit: staff decide, and the student sees what and why."""

from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import Allowance, CourseUnit, GradeDecision, Submission
from tests.cast import half_done, reference
from tests.web.handed_in import hand_in


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # tests/grades decides on both


@pytest.fixture
def url(database, world) -> str:
    """Ada's page; she has 34 points, and 100 two days late."""
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.max_attempts = now() - timedelta(days=2), 5
        unit.late_percent_per_day = 10
    hand_in(database, world, half_done(), received_at=now() - timedelta(days=4))
    hand_in(database, world, reference(), received_at=now() - timedelta(hours=1), is_late=True)
    return f"/courses/dl/nn/students/{world.ada.id}"


def post(client_of, person, url, action, **form):
    return client_of(person).post(f"{url}/{action}", data=form)


def test_the_page_says_how_the_grade_comes_about(client_of, world, url):
    page = client_of(world.tara).get(url).text
    assert "Attempt 2, the best" in page
    assert "2 days late, 20 % less" in page
    assert "<dt>What counts</dt><dd>80</dd>" in page


def test_a_score_is_set_seen_by_the_student_and_withdrawn_in_one_click(client_of, world, url):
    answer = post(client_of, world.tara, url, "decide", kind="score", score="77,5", reason=" Explained it. ")
    assert (answer.status_code, answer.location) == (303, url)
    page = client_of(world.ada).get("/courses/dl/nn/").text
    assert "Score set by Tara Rao" in page
    assert "set your score to 77.5 points" in page
    assert "<blockquote>Explained it.</blockquote>" in page
    assert "77.5" in client_of(world.ada).get("/courses/dl/").text
    assert post(client_of, world.tara, url, "withdraw").status_code == 303
    page = client_of(world.ada).get("/courses/dl/nn/").text
    assert "withdrew the score of 77.5 points that was set for you" in page
    assert "100 less 20 % for being late" in page


def test_whoever_is_excused_sees_it(client_of, world, url):
    post(client_of, world.tara, url, "decide", kind="excused", reason="Ill for the whole unit.")
    assert "Excused" in client_of(world.ada).get("/courses/dl/nn/").text
    assert "excused" in client_of(world.ada).get("/courses/dl/").text


def test_a_chosen_attempt_counts(client_of, database, world, url):
    with database.reading() as session:
        first = session.query(Submission).filter_by(number=1).one()
    post(
        client_of,
        world.tara,
        url,
        "decide",
        kind="submission",
        submission_id=first.id,
        reason="The second was not hers.",
    )
    page = client_of(world.ada).get("/courses/dl/nn/").text
    assert "Attempt 1, chosen by Tara Rao" in page
    assert page.count(">counts<") == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"kind": "score", "score": "101", "reason": "why"}, "Enter points from 0 to 100."),
        ({"kind": "score", "score": "", "reason": "why"}, "Enter points from 0 to 100."),
        ({"kind": "score", "score": "nan", "reason": "why"}, "Enter points from 0 to 100."),
        ({"kind": "excused", "reason": "   "}, "Give a reason."),
        ({"kind": "excused", "reason": "x" * 2001}, "2000 is the most"),
    ],
)
def test_what_makes_no_sense_comes_back_as_it_was_typed(client_of, database, world, url, form, said):
    answer = post(client_of, world.tara, url, "decide", **form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert f'<details id="{form["kind"]}" open>' in answer.text
    with database.reading() as session:
        assert session.query(GradeDecision).count() == 0


@pytest.mark.parametrize("number", ["9" * 30, "-1", "one", ""])
def test_what_names_no_submission_is_not_chosen(client_of, world, url, number):
    answer = post(client_of, world.tara, url, "decide", kind="submission", submission_id=number, reason="why")
    assert answer.status_code == 422


def test_more_time_and_attempts_are_granted_and_taken_back(client_of, database, world, url):
    later = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    form = {"deadline_at": later, "extra_attempts": "2", "reason": "Ill."}
    assert post(client_of, world.tara, url, "allow", **form).status_code == 303
    page = client_of(world.ada).get("/courses/dl/nn/").text
    assert "extended for you" in page
    assert "of 7, 2 of them granted to you" in page
    assert 'class="tag late"' not in page
    with database.reading() as session:
        granted = session.query(Allowance).one()
    post(client_of, world.tara, url, f"allowances/{granted.id}/withdraw")
    page = client_of(world.ada).get("/courses/dl/nn/").text
    assert "extended for you" not in page
    assert "took back from you" in page
    assert page.count('class="tag late"') == 1


def test_a_grant_that_gives_nothing_is_none(client_of, database, world, url):
    form = {"deadline_at": "2020-01-01T00:00", "deadline_at_utc": "2020-01-01T00:00:00.000Z", "reason": "x"}
    answer = post(client_of, world.tara, url, "allow", **form)
    assert (answer.status_code, "no later than the unit’s deadline" in answer.text) == (422, True)
    answer = post(client_of, world.tara, url, "allow", deadline_at="soon", reason="x")
    assert (answer.status_code, "Enter a date and a time" in answer.text) == (422, True)


def test_nobody_decides_about_themselves_or_about_strangers(client_of, world, url):
    own = f"/courses/dl/nn/students/{world.tara.id}"
    assert post(client_of, world.tara, own, "decide", kind="excused", reason="me").status_code == 403
    assert "Decide</h2>" not in client_of(world.tara).get(own).text
    assert client_of(world.tara).get(f"/courses/dl/nn/students/{world.cora.id}").status_code == 404
