"""Everybody who works out grades comes to the same, over a course with all that bears on one."""

import pytest
import sqlalchemy as sa

from bench.gradebook.term import fill
from grader.analytics.attempts import read_work
from grader.db.database import Database
from grader.db.models import Course, CourseUnit
from grader.grades import exports
from grader.grades.grade import Basis, Grade
from grader.grades.gradebook import gradebook
from grader.grades.loading import grades_for
from grader.marking.points import rubric_points_of
from grader.regrades import choosing
from grader.results.history import histories_of
from grader.results.visibility import Audience
from grader.review.counting import counting_submissions


@pytest.fixture(scope="session", params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param  # what the gradebook reads is compared on both in test_gradebook


def told(grade: Grade | None) -> tuple[object, ...] | None:
    return None if grade is None else (grade.basis, grade.score, grade.days_late, grade.deducted)


def test_gradebook_pages_analytics_review_regrades_and_files_agree(database: Database):
    fill(database, students=40, each=40)
    seen = set()
    with database.reading() as session:
        course = session.scalars(sa.select(Course)).one()
        book = gradebook(session, course.id)
        units: list[CourseUnit] = [column.unit for column in book.columns]
        everyone = [student.id for student in book.students]
        reviewed = counting_submissions(session, units, everyone)
        works = [read_work(session, unit) for unit in units]
        regraded = [choosing.grades(session, unit, choosing.standings(session, unit)) for unit in units]
        moodle = exports.moodle_table(book.columns, book.students)
        for row, student in enumerate(book.students, start=1):
            pages = grades_for(session, units, student.id)
            own = histories_of(session, units, student.id)
            staff = histories_of(session, units, student.id, Audience.STAFF)
            told_points = iter(moodle[row][3:])
            for place, (unit, cell) in enumerate(zip(units, student.cells, strict=True)):
                grade, is_withheld = cell.grade, unit.are_grades_withheld
                seen.add((grade.basis, grade.days_late > 0, cell.rubric is not None, is_withheld))
                assert told(pages[unit.id].grade) == told(grade) == told(staff[unit.id].grade)
                assert own[unit.id].grade == (None if is_withheld else staff[unit.id].grade)
                if student.id in regraded[place]:
                    assert told(regraded[place][student.id]) == told(grade)
                else:
                    assert grade.score is None or grade.basis is Basis.DECIDED
                counting = works[place].counting.get(student.id)
                assert (None if counting is None else counting.id) == grade.attempt_id
                assert grade.attempt_id is None or grade.attempt_id in reviewed
                people = rubric_points_of(session, unit.id, student.id)
                assert (people.points if people else 0.0) == (cell.rubric or 0.0)
                if not is_withheld:
                    assert next(told_points) == cell.points
            assert list(told_points) == []
    assert {basis for basis, *_ in seen} == set(Basis)
    assert {True, False} == {late for _, late, *_ in seen} == {rubric for _, _, rubric, _ in seen}
