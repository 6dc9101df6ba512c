"""What staff decide about a grade, and that it leaves nothing behind when it is withdrawn."""

import math
from datetime import timedelta

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import AuditEvent, CourseUnit, DecisionKind, GradeDecision
from grader.grades import allowances, decisions, releasing
from grader.grades.allowances import Grant
from grader.grades.decisions import Verdict
from grader.grades.grade import Basis
from grader.grades.lateness import LatePolicy
from grader.grades.loading import grades_for
from grader.results.history import history_of
from tests.cast import half_done, reference
from tests.people import make_run, make_submission


@pytest.fixture
def handed_in(database, world) -> list[int]:
    """Ada's two submissions: 34 points, and 100 half a day late."""
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.late_percent_per_day = now() - timedelta(days=1), 10
        ids = []
        for result, days in ((half_done(), 2), (reference(), 0.5)):
            submission = make_submission(session, unit, world.ada, received_at=now() - timedelta(days=days))
            make_run(session, submission, result)
            ids.append(submission.id)
        return ids


def grade_of(database, world):
    with database.reading() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        loaded = grades_for(session, [unit], world.ada.id)[unit.id].grade
        assert loaded == history_of(session, unit, world.ada.id).grade
        return loaded


def decide(database, world, kind, **fields) -> None:
    with database.writing() as session:
        verdict = Verdict(kind, "as we agreed", **fields)
        decisions.decide(session, world.unit.id, world.ada.id, verdict, world.tara)


def test_each_decision_replaces_the_one_before_and_withdrawing_brings_the_rules_back(
    database, world, handed_in
):
    by_rule = grade_of(database, world)
    assert (by_rule.score, by_rule.raw_score, by_rule.days_late) == (90, 100, 1)
    decide(database, world, DecisionKind.SCORE, score=77.5)
    assert (grade_of(database, world).basis, grade_of(database, world).score) == (Basis.DECIDED, 77.5)
    decide(database, world, DecisionKind.SUBMISSION, submission_id=handed_in[0])
    assert (grade_of(database, world).basis, grade_of(database, world).score) == (Basis.CHOSEN, 34)
    decide(database, world, DecisionKind.EXCUSED)
    assert grade_of(database, world).basis is Basis.EXCUSED
    with database.writing() as session:
        assert decisions.withdraw(session, world.unit.id, world.ada.id, world.ines)
        assert not decisions.withdraw(session, world.unit.id, world.ada.id, world.ines)
    assert grade_of(database, world) == by_rule
    with database.reading() as session:
        kept = session.scalars(sa.select(GradeDecision).order_by(GradeDecision.id)).all()
        actions = session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [each.withdrawn_by_id for each in kept] == [world.tara.id, world.tara.id, world.ines.id]
    assert actions == ["grade.score", "grade.choose", "grade.excuse", "grade.withdraw"]


def test_a_later_deadline_takes_the_deduction_away(database, world, handed_in):
    with database.writing() as session:
        grant = Grant("ill", user_id=world.ada.id, deadline_at=now())
        allowances.allow(session, world.unit.id, grant, world.tara)
    assert (grade_of(database, world).score, grade_of(database, world).deducted) == (100, 0)


def test_another_policy_holds_for_what_was_handed_in_before(database, world, handed_in):
    with database.writing() as session:
        assert releasing.change_policy(session, world.unit.id, LatePolicy(30, 20), world.ines)
        assert not releasing.change_policy(session, world.unit.id, LatePolicy(30, 20), world.ines)
    assert grade_of(database, world).score == 80


@pytest.mark.parametrize("score", [None, -1, 100.5, math.nan, math.inf])
def test_a_score_lies_between_none_and_all_points(database, world, score):
    with database.reading() as session:
        verdict = Verdict(DecisionKind.SCORE, "why", score=score)
        found = decisions.problems(session, world.unit, world.ada.id, verdict, 100)
    assert list(found) == ["score"]


def test_only_a_submission_of_this_student_can_be_chosen_and_a_reason_is_needed(database, world, handed_in):
    with database.reading() as session:
        verdict = Verdict(DecisionKind.SUBMISSION, "", submission_id=handed_in[0])
        of_ben = decisions.problems(session, world.unit, world.ben.id, verdict, 100)
        of_ada = decisions.problems(session, world.unit, world.ada.id, verdict, 100)
    assert (sorted(of_ben), sorted(of_ada)) == (["reason", "submission_id"], ["reason"])


def test_a_grant_gives_something():
    at = now()
    unit = CourseUnit(deadline_at=at, max_attempts=None)
    hour = timedelta(hours=1)

    def wrong(**fields) -> list[str]:
        return sorted(allowances.problems(unit, Grant("why", user_id=1, **fields)))

    assert wrong() == ["deadline_at"]
    assert wrong(deadline_at=at - hour) == ["deadline_at"]
    assert wrong(deadline_at=at + hour) == []
    assert wrong(deadline_at=at + hour, late_until_at=at + hour) == ["late_until_at"]
    assert wrong(late_until_at=at + hour) == []
    assert wrong(extra_attempts=1) == ["extra_attempts"]
    assert wrong(deadline_at=at + hour, extra_attempts=-1) == ["extra_attempts"]
