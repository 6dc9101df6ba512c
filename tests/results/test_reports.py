"""Reports from the database, and when the deadline is over."""

from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import CourseUnit, RunState
from grader.grades import allowances
from grader.grades.allowances import Grant
from grader.judging.result import Status
from grader.results.reports import filter_of, shown_report, whole_report
from grader.results.visibility import Audience
from grader.settings import CHECKOUT
from tests.cast import half_done
from tests.people import make_run, make_submission, make_unit
from tests.results.allowing import STAFF, student


def test_a_report_is_read_and_filtered(database, world):
    with database.writing() as session:
        run = make_run(session, make_submission(session, world.unit, world.ada), half_done())
        assert whole_report(session, run) == half_done()
        assert shown_report(session, run, STAFF) == half_done()
        assert shown_report(session, run, student()).review == ()


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.CANCELLED])
def test_a_run_without_a_result_has_no_report(database, world, state):
    with database.writing() as session:
        run = make_run(session, make_submission(session, world.unit, world.ada), state=state)
        assert whole_report(session, run) is None
        assert shown_report(session, run, student()) is None


def test_a_problem_of_ours_is_a_report_that_says_so(database, world):
    with database.writing() as session:
        run = make_run(session, make_submission(session, world.unit, world.ada), state=RunState.PROBLEM)
        whole = whole_report(session, run)
        assert whole.status is Status.GRADER_PROBLEM
        assert "bwrap" in whole.problem
        assert "bwrap" not in shown_report(session, run, student()).problem


@pytest.mark.parametrize(
    ("deadline_h", "late_until_h", "shown"),
    [(1, None, False), (-1, None, True), (-2, 1, False), (-2, -1, True), (None, None, False)],
)
def test_after_the_deadline_means_when_nothing_more_can_be_handed_in(
    database, world, deadline_h, late_until_h, shown
):
    at = now()
    moments = [None if hours is None else at + timedelta(hours=hours) for hours in (deadline_h, late_until_h)]
    world.unit.deadline_at, world.unit.late_until_at = moments
    with database.reading() as session:
        assert filter_of(session, world.unit, Audience.STUDENT, CHECKOUT, at).messages is shown
        assert filter_of(session, world.unit, Audience.STAFF, CHECKOUT, at).messages


def test_nobody_is_told_while_one_who_was_granted_more_time_can_still_use_it(database, world):
    at = now()
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at = at - timedelta(hours=1)
        grant = Grant("ill", user_id=world.ben.id, deadline_at=at + timedelta(hours=1))
        allowances.allow(session, unit.id, grant, world.tara)
    with database.reading() as session:
        shown = [
            filter_of(session, unit, Audience.STUDENT, CHECKOUT, at + timedelta(hours=hours)).messages
            for hours in (0, 2)
        ]
    assert shown == [False, True]


def test_of_a_unit_that_cannot_be_read_nothing_is_shown(database, world, tmp_path):
    with database.reading() as session:
        allowed = filter_of(session, world.unit, Audience.STUDENT, tmp_path, now())
    assert not (allowed.names or allowed.messages or allowed.hints)


def test_each_course_has_its_own_deadline_for_the_same_unit(database, world):
    """Who takes the unit again sees of that work what its course shows, not what an earlier one does."""
    at = now()
    with database.writing() as session:
        over = make_unit(session, world.course, slug="over", deadline_at=at - timedelta(hours=1))
        going_on = make_unit(session, world.other_course, deadline_at=at + timedelta(hours=1))
    assert over.unit == going_on.unit
    with database.reading() as session:
        shown = [
            filter_of(session, unit, Audience.STUDENT, CHECKOUT, at).messages for unit in (over, going_on)
        ]
    assert shown == [True, False]
