"""The gradebook against the database: exact whatever was left unread, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.gradebook.comparison import compared
from bench.gradebook.term import fill
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Allowance,
    Counting,
    CourseUnit,
    DecisionKind,
    Enrolment,
    GradeDecision,
    RunState,
    Submission,
    User,
)
from grader.grades import exports, sheets
from grader.grades.grade import Basis
from grader.grades.gradebook import MAX_SCORE, Cell, gradebook
from grader.judging.result import MAX_SCORE as MAX_SCORE_OF_JUDGE
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.people import World, enrol, make_person, make_run, make_submission, make_world

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]

DEADLINE = now().replace(microsecond=0) - timedelta(days=10)


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def session(database: Database, world: World) -> Iterator[Session]:
    """A writing session; the unit's deadline is DEADLINE, and each day costs 10 percent."""
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.late_percent_per_day = DEADLINE, 10.0
        yield session


def hand_in(session: Session, world: World, score: float | None, days: float, **fields) -> Submission:
    """Let Ada hand in so many days after the deadline; None stays in the queue."""
    at = DEADLINE + timedelta(days=days)
    submission = make_submission(session, world.unit, world.ada, received_at=at, **fields)
    if score is None:
        make_run(session, submission, state=RunState.QUEUED)
    else:
        make_run(session, submission).score = score
    return submission


def cell_of(session: Session, world: World, person: User) -> Cell:
    session.flush()
    (found,) = (row for row in gradebook(session, world.course.id).students if row.id == person.id)
    return found.cells[0]


def test_every_cell_of_every_file_agrees_with_the_database(database: Database):
    fill(database, students=40, each=40)
    with database.reading() as session:
        book = gradebook(session, 1)
        own = exports.own_table(book.columns, book.students)
        files = {
            "csv": sheets.as_csv(own, for_excel=True),
            "xlsx": sheets.as_xlsx(own, "Deep learning"),
            "canvas": sheets.as_csv(exports.canvas_table(book.columns, book.students)),
            "moodle": sheets.as_csv(exports.moodle_table(book.columns, book.students)),
        }
        cells, wrong = compared(session, "dl", files)
        assert wrong == []
        assert cells > 3000
        found = {cell.grade.basis for student in book.students for cell in student.cells}
        assert found == set(Basis), "the comparison is about all of them"
        spoilt = {**files, "csv": files["csv"].replace(b",set by staff,", b",excused,", 1)}
        assert len(compared(session, "dl", spoilt)[1]) == 1, "a wrong cell is seen"


def test_the_first_of_equals_counts_and_an_early_one_may_beat_a_better_late_one(session, world):
    first = hand_in(session, world, 80.0, -2)
    hand_in(session, world, 80.0, -1)
    hand_in(session, world, 85.0, 0.5)  # 76.5 after the deduction
    cell = cell_of(session, world, world.ada)
    assert (cell.grade.attempt_id, cell.points, cell.public_id) == (first.id, 80.0, first.public_id)
    session.add(
        Allowance(
            course_unit_id=world.unit.id,
            user_id=world.ada.id,
            deadline_at=DEADLINE + timedelta(days=1),
            reason="Illness",
            granted_by_id=world.tara.id,
        )
    )
    assert cell_of(session, world, world.ada).points == 85.0


def test_a_hand_in_that_came_earlier_than_its_number_says_is_not_overlooked(session, world):
    """Clocks are set back now and then: the second was on time, the first, which is no worse, was not."""
    hand_in(session, world, 90.0, 2.5)
    second = hand_in(session, world, 90.0, -1)
    assert cell_of(session, world, world.ada).grade.attempt_id == second.id


def test_where_the_latest_counts_one_without_a_score_does_not(session, world):
    session.get_one(CourseUnit, world.unit.id).counts = Counting.LATEST
    hand_in(session, world, 95.0, -3)
    latest = hand_in(session, world, 40.0, -2)
    hand_in(session, world, None, -1)
    cell = cell_of(session, world, world.ada)
    assert (cell.grade.attempt_id, cell.points, cell.is_waiting) == (latest.id, 40.0, True)


def test_a_chosen_submission_counts_though_it_is_neither_best_nor_latest(session, world):
    hand_in(session, world, 95.0, -3)
    chosen = hand_in(session, world, 40.0, -2)
    hand_in(session, world, 60.0, -1)
    session.add(
        GradeDecision(
            course_unit_id=world.unit.id,
            user_id=world.ada.id,
            kind=DecisionKind.SUBMISSION,
            submission_id=chosen.id,
            reason="As agreed",
            decided_by_id=world.tara.id,
        )
    )
    cell = cell_of(session, world, world.ada)
    assert (cell.grade.basis, cell.points, cell.public_id) == (Basis.CHOSEN, 40.0, chosen.public_id)


def test_only_students_are_in_it_and_those_who_left_only_if_asked_for(session, world):
    session.query(Enrolment).filter_by(user_id=world.ben.id).one().ended_at = now()
    session.flush()
    assert [row.name for row in gradebook(session, world.course.id).students] == ["Ada Byron"]
    everybody = gradebook(session, world.course.id, with_former=True).students
    assert [(row.name, row.has_left) for row in everybody] == [("Ada Byron", False), ("Ben Okri", True)]


def test_a_course_without_units_or_students(session, world):
    book = gradebook(session, world.other_course.id)
    assert (book.columns, [row.name for row in book.students]) == ((), ["Cora Lind"])
    assert (book.students[0].total, book.students[0].share) == (0.0, None)
    assert gradebook(session, 0).students == ()


def test_it_takes_no_more_queries_for_more_students(session, world):
    said: list[str] = []

    def queries() -> int:
        session.flush()
        said.clear()
        gradebook(session, world.course.id)
        return len(said)

    sa.event.listen(session.connection(), "before_cursor_execute", lambda *event: said.append(event[2]))
    few = queries()
    for number in range(10):
        person = make_person(session, f"Student{number} Doe")
        enrol(session, world.course, person)
        make_run(session, make_submission(session, world.unit, person))
    assert queries() == few <= 12


def test_the_most_points_are_those_of_the_judge():
    assert MAX_SCORE == MAX_SCORE_OF_JUDGE
