"""A student's own terms: the unit's, with what they and their section were granted."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.db.models import Allowance, CourseUnit, Enrolment, Submission
from grader.grades import allowances
from grader.grades.allowances import Grant
from grader.grades.terms import UnitTerms, own_terms, restate_by_sections, terms_for
from tests.people import make_submission

DEADLINE = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def unit(**fields) -> CourseUnit:
    return CourseUnit(**{"deadline_at": DEADLINE, "max_attempts": 5, **fields})


def granted(user_id=None, section=None, days=None, late_days=None, attempts=0) -> Allowance:
    return Allowance(
        user_id=user_id,
        section=section,
        deadline_at=None if days is None else DEADLINE + days * DAY,
        late_until_at=None if late_days is None else DEADLINE + late_days * DAY,
        extra_attempts=attempts,
    )


def test_without_allowances_the_units_terms_hold():
    terms = own_terms(unit(late_until_at=DEADLINE + DAY))
    assert (terms.deadline_at, terms.late_until_at, terms.max_attempts) == (DEADLINE, DEADLINE + DAY, 5)


def test_the_later_date_holds_and_attempts_add_up():
    terms = own_terms(unit(), [granted(days=3, attempts=1), granted(days=2, attempts=2), granted(days=-4)])
    assert (terms.deadline_at, terms.max_attempts) == (DEADLINE + 3 * DAY, 8)


def test_late_hand_ins_can_be_granted_where_the_unit_takes_none():
    assert own_terms(unit(), [granted(late_days=2)]).closes_at() == DEADLINE + 2 * DAY


def test_what_is_unlimited_stays_so():
    terms = own_terms(unit(deadline_at=None, max_attempts=None), [granted(days=3, attempts=2)])
    assert (terms.deadline_at, terms.max_attempts) == (None, None)


def test_allowances_are_of_the_student_and_of_the_section():
    terms = UnitTerms(unit(), (granted(user_id=1, days=1), granted(section="A", days=2)))
    found = [terms.of(user_id, section).deadline_at for user_id, section in ((1, None), (1, "A"), (2, "B"))]
    assert found == [DEADLINE + DAY, DEADLINE + 2 * DAY, DEADLINE]


@pytest.mark.parametrize(
    ("late_until_days", "allowances", "days"),
    [
        (None, [], 0),
        (2, [granted(user_id=1, days=1)], 2),
        (2, [granted(user_id=1, days=3), granted(section="A", late_days=5)], 5),
    ],
)
def test_nobody_can_hand_in_after_the_latest_of_all_dates(late_until_days, allowances, days):
    late_until_at = None if late_until_days is None else DEADLINE + late_until_days * DAY
    terms = UnitTerms(unit(late_until_at=late_until_at), tuple(allowances))
    assert terms.closes_for_all_at() == DEADLINE + days * DAY


def test_what_was_granted_changes_who_is_late_until_it_is_taken_back(database, world):
    """Of hand-ins that are there already, too."""
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = DEADLINE
        for enrolment in session.query(Enrolment).filter_by(user_id=world.ben.id):
            enrolment.section = "A"
        for student in (world.ada, world.ben):
            make_submission(session, world.unit, student, received_at=DEADLINE + DAY, is_late=True)

    def late() -> list[bool]:
        with database.reading() as session:
            return [row.is_late for row in session.query(Submission).order_by(Submission.user_id)]

    def allow(**whom) -> int:
        with database.writing() as session:
            grant = Grant("ill", deadline_at=DEADLINE + 2 * DAY, **whom)
            return allowances.allow(session, world.unit.id, grant, world.ines).id

    allow(section="A")
    assert late() == [True, False]
    to_ada = allow(user_id=world.ada.id)
    assert late() == [False, False]
    with database.writing() as session:
        assert allowances.withdraw(session, to_ada, world.ines)
        assert not allowances.withdraw(session, to_ada, world.ines)
    assert late() == [True, False]
    with database.reading() as session:
        course_unit = session.get_one(CourseUnit, world.unit.id)
        found = [terms_for(session, course_unit, one.id).deadline_at for one in (world.ada, world.ben)]
    assert found == [DEADLINE, DEADLINE + 2 * DAY]
    with database.writing() as session:
        session.query(Enrolment).filter_by(user_id=world.ben.id).update({"section": "B"})
        restate_by_sections(session, world.course.id)
    assert late() == [True, True]
