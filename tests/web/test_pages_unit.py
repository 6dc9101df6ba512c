"""GET /courses/<course>/<unit>/"""

import re
from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import AttemptState, Counting, CourseUnit, RunState
from tests.cast import half_done, reference
from tests.web.handed_in import hand_in

PAGE = "/courses/dl/nn/"


def change(database, world, **fields):
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        for name, value in fields.items():
            setattr(unit, name, value)


def test_who_has_never_used_it_learns_what_to_hand_in(client_of, world):
    page = client_of(world.ada).get(PAGE).text
    for file in ("modules.py", "loss.py", "optim.py", "train.py"):
        assert f"<code>{file}</code>" in page
    assert "<code>g2c/nn</code>" in page
    assert "/courses/dl/nn/template.zip" in page
    assert 'enctype="multipart/form-data"' in page
    assert "Up to 32 MB" in page
    assert "You have not handed in anything yet" in page


def test_it_says_how_to_push_with_git(client_of, world):
    page = client_of(world.ada).get(PAGE).text
    assert "git remote add grader http://127.0.0.1:8000/git/dl/nn/ada@example.org.git" in page
    assert "git push grader HEAD:main" in page
    assert "<code>ada@example.org</code>" in page


def test_the_deadline_is_a_time_with_its_utc_text_and_what_is_left(client_of, database, world):
    at = now().replace(microsecond=0) + timedelta(days=1, hours=4, minutes=30)
    change(database, world, deadline_at=at)
    page = client_of(world.ada).get(PAGE).text
    assert f'<time datetime="{at.isoformat()}">' in page
    assert f"{at:%H:%M} UTC" in page
    assert "1 day 4 hours left" in page


def test_attempts_left_leave_out_those_given_back(client_of, database, world):
    change(database, world, max_attempts=5)
    hand_in(database, world, half_done(), half_done())
    hand_in(database, world, RunState.CANCELLED, attempt=AttemptState.REFUNDED)
    page = client_of(world.ada).get(PAGE).text
    assert re.search(r"Attempts left</dt><dd>3</dd>", page)
    assert "used no attempt" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_attempts": 1}, "All 1 attempts are used"),
        ({"deadline_at": -timedelta(hours=1)}, "took hand-ins until"),
        ({"opens_at": timedelta(hours=1)}, "takes hand-ins from"),
    ],
)
def test_when_nothing_is_taken_it_says_why_instead_of_the_form(client_of, database, world, fields, said):
    hand_in(database, world, half_done())
    at = now()  # not when the tests are collected, which may be long before
    change(database, world, **{k: at + v if isinstance(v, timedelta) else v for k, v in fields.items()})
    page = client_of(world.ada).get(PAGE).text
    assert said in page
    assert "multipart/form-data" not in page


def test_a_late_hand_in_is_announced(client_of, database, world):
    at = now()
    change(database, world, deadline_at=at - timedelta(hours=1), late_until_at=at + timedelta(hours=1))
    page = client_of(world.ada).get(PAGE).text
    assert "it will be marked as late" in page
    assert "multipart/form-data" in page


@pytest.mark.parametrize(("counts", "number"), [(Counting.BEST, 2), (Counting.LATEST, 3)])
def test_history_marks_what_counts(client_of, database, world, counts, number):
    change(database, world, counts=counts)
    ids = hand_in(database, world, half_done(), reference(), half_done(), RunState.RUNNING)
    page = client_of(world.ada).get(PAGE).text
    marked = re.search(r'<tr role="row" class="counts">(.*?)</tr>', page, re.DOTALL)
    assert marked and f"Attempt {number}<" in marked[1]
    assert all(f"/submissions/{public_id}" in page for public_id in ids)
    assert "being graded" in page
    assert f"compare?from={ids[1]}&amp;to={ids[2]}" in page


def test_the_score_chart_has_its_numbers_as_a_table(client_of, database, world):
    hand_in(database, world, half_done())
    assert 'id="scores-title"' not in client_of(world.ada).get(PAGE).text
    hand_in(database, world, reference())
    page = client_of(world.ada).get(PAGE).text
    assert 'id="scores-title"' in page
    assert "score: from 34 to 100." in page
    assert '<tr><th scope="row">2</th><td>100</td></tr>' in page


def test_history_is_ones_own(client_of, database, world):
    (ones,) = hand_in(database, world, reference(), person=world.ben)
    assert ones not in client_of(world.ada).get(PAGE).text


def test_an_admin_who_is_no_member_gets_no_form(client_of, world):
    page = client_of(world.abe).get(PAGE).text
    assert "multipart/form-data" not in page
    assert 'href="/courses/dl/nn/submissions"' in page


def test_nothing_in_the_page_needs_inline_style_or_script(client_of, database, world):
    hand_in(database, world, half_done(), reference())
    page = client_of(world.ada).get(PAGE).text
    assert not re.search(r"<style|\sstyle=|<script(?! src)|\son\w+=", page)
