"""GET /submissions/<public_id>"""

import re

import pytest
import sqlalchemy as sa

from grader.db.models import RunReason, RunReport, RunState, Submission
from tests.cast import CAST, half_done, reference, too_slow
from tests.people import make_run
from tests.web.handed_in import hand_in, run_on


def page_of(browser, public_id):
    answer = browser.get(f"/submissions/{public_id}")
    assert answer.status_code == 200
    return answer.text


def test_a_result_shows_score_fixes_tests_mnist_and_pictures(client_of, database, world):
    (public_id,) = hand_in(database, world, too_slow())
    page = page_of(client_of(world.ada), public_id)
    for part in (
        '<span class="figure">56</span>',
        "What to fix first",
        "Tests by exercise",
        "The MNIST run",
        "Test digits",
        "Experiments",
    ):
        assert part in page
    assert "4.62 ×" in page
    assert page.count("<h1") == 1


def test_messages_of_hidden_tests_wait_for_the_deadline_as_unit_toml_says(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    student, staff = page_of(client_of(world.ada), public_id), page_of(client_of(world.tara), public_id)
    said = "raised in optim.py, line 31, in step"
    assert student.count(said) == 2  # of the public tests
    assert staff.count(said) == 3
    assert "Their messages are shown after the deadline" in student
    assert "Some tests are hidden" not in staff


def test_review_flags_and_provenance_are_for_staff(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    student, staff = page_of(client_of(world.ada), public_id), page_of(client_of(world.tara), public_id)
    for secret in ("torch.log_softmax is used", "1729", "bubblewrap"):
        assert secret not in student
        assert secret in staff
    assert "Grade it again" in staff
    assert "Grade it again" not in student


def test_staff_see_whose_it_is(client_of, database, world):
    (public_id,) = hand_in(database, world, reference())
    own_page = f'<strong><a href="/courses/dl/nn/students/{world.ada.id}">Ada Byron</a></strong>'
    assert own_page in page_of(client_of(world.tara), public_id)
    assert "<strong>" not in page_of(client_of(world.ada), public_id).partition("<h1")[0]


@pytest.mark.parametrize("name", CAST)
def test_every_result_has_a_page_without_inline_style_or_script(client_of, database, world, name):
    (public_id,) = hand_in(database, world, reference())
    with database.writing() as session:
        session.query(RunReport).one().report = CAST[name]().to_json()
    page = page_of(client_of(world.ada), public_id)
    outside_text = re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert not re.search(r"<style|<[^>]*\sstyle=|<script(?! src)|<[^>]*\son\w+=", outside_text)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.PROBLEM, "Something went wrong on our side"),
        (RunState.CANCELLED, "Cancelled"),
        (RunState.SUPERSEDED, "Replaced by a newer one"),
        (RunState.QUEUED, "Waiting for its turn"),
        (RunState.RUNNING, "Being graded"),
    ],
)
def test_every_state_has_its_page(client_of, database, world, state, said):
    (public_id,) = hand_in(database, world, state)
    page = page_of(client_of(world.ada), public_id)
    assert said in page
    assert page.count("<h1") == 1


def test_what_went_wrong_on_our_side_is_told_to_staff_only(client_of, database, world):
    (public_id,) = hand_in(database, world, RunState.PROBLEM)
    assert "bwrap" not in page_of(client_of(world.ada), public_id)
    assert "your attempt was given back" in page_of(client_of(world.ada), public_id)
    assert "bwrap" in page_of(client_of(world.tara), public_id)


def test_a_replaced_one_leads_to_the_newest(client_of, database, world):
    replaced, newest = hand_in(database, world, RunState.SUPERSEDED, RunState.QUEUED)
    assert f'href="/submissions/{newest}"' in page_of(client_of(world.ada), replaced)


def test_while_it_is_graded_the_page_shows_how_far_it_is_without_javascript(client_of, database, world):
    page = page_of(client_of(world.ada), run_on(database, world))
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "26 of 26 tests done, 17 passed" in page
    assert "5 of 5 epochs trained" in page
    assert "test_cross_entropy_large_logits: failed" in page
    assert 'id="mnist-accuracy-title"' in page
    assert "Cancel this hand-in" in page


def test_a_late_one_is_marked(client_of, database, world):
    (public_id,) = hand_in(database, world, reference(), is_late=True)
    assert '<span class="tag late">late</span>' in page_of(client_of(world.ada), public_id)


def test_a_regrade_under_way_is_told_and_the_old_result_stands(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    with database.writing() as session:
        submission = session.query(Submission).one()
        make_run(session, submission, state=RunState.QUEUED, stands=False, reason=RunReason.REGRADE)
    page = page_of(client_of(world.ada), public_id)
    assert "is being graded again" in page
    assert '<span class="figure">34</span>' in page


def test_the_way_to_the_comparison_with_the_attempt_before(client_of, database, world):
    first, _, third = hand_in(database, world, half_done(), RunState.PROBLEM, reference())
    assert f"compare?from={first}&amp;to={third}" in page_of(client_of(world.ada), third)
    assert "compare?" not in page_of(client_of(world.ada), first)


def test_file_names_are_escaped(client_of, database, world):
    (public_id,) = hand_in(database, world, reference(), filename="<b>\u202ezip.nn")
    assert "<b>" not in page_of(client_of(world.ada), public_id)


def test_a_page_takes_few_queries_however_much_there_is(client_of, database, world):
    ids = hand_in(database, world, *[half_done()] * 12)
    browser, said = client_of(world.ada), []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *event: said.append(event[2]))
    page_of(browser, ids[-1])
    assert len(said) <= 13, said  # one of them counts the comments
    said.clear()
    browser.get("/courses/dl/nn/")
    assert len(said) <= 10, said
    assert not any("run_reports" in text for text in said)
