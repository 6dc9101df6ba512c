"""`grader course import`: makes a course what its file says, tells each change, all or nothing."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, Course, CourseUnit, Enrolment, Role, User
from tests.command import assert_usage_error
from tests.people import World, make_submission
from tests.service.conftest import Command

COURSE = """\
slug = "dl-2026"
title = "Deep learning"
roster = "people.csv"
[[units]]
unit = "nn"
max_attempts = 5
"""
PEOPLE = "email,name,role\nines@uni.example,Ines Sol,instructor\nada@uni.example,Ada Byron,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    path = tmp_path / "course.toml"
    path.write_text(COURSE, encoding="utf-8")
    return path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def roles(database: Database) -> dict[str, Role]:
    with database.reading() as session:
        rows = session.execute(sa.select(User.email, Enrolment.role).join(Enrolment.user))
        return dict(map(tuple, rows))


def test_a_new_course_with_units_and_members(command: Command, file: Path, database: Database):
    assert command("course", "import", file).stdout.splitlines() == [
        "course dl-2026: new",
        "unit nn: new",
        "member ines@uni.example: new",
        "member ada@uni.example: new",
    ]
    assert roles(database) == {"ines@uni.example": Role.INSTRUCTOR, "ada@uni.example": Role.STUDENT}
    with database.reading() as session:
        unit = session.scalars(sa.select(CourseUnit)).one()
        assert (unit.course.slug, unit.slug, unit.max_attempts) == ("dl-2026", "nn", 5)
        assert "course.import" in session.scalars(sa.select(AuditEvent.action)).all()


def test_the_same_file_again_changes_nothing(command: Command, file: Path, database: Database):
    command("course", "import", file)
    with database.reading() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    assert command("course", "import", file).stdout == "nothing changed\n"
    with database.reading() as session:
        counts = [
            session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (Course, CourseUnit, User)
        ]
    assert counts == [1, 1, 2] and before


def test_each_change_is_told(command: Command, file: Path):
    command("course", "import", file)
    change(file, "max_attempts = 5", "deadline_at = 2026-10-05T18:00:00+02:00")
    change(file, '"Deep learning"', '"Deeper learning"')
    change(file.with_name("people.csv"), "Ada Byron,", "Ada Byron,ta")
    assert command("course", "import", file).stdout.splitlines() == [
        "course dl-2026: title Deep learning → Deeper learning",
        "unit nn: deadline_at none → 2026-10-05 16:00 UTC",
        "unit nn: max_attempts 5 → none",
        "member ada@uni.example: changes, role student → ta",
    ]


def test_who_and_what_the_file_does_not_name_stays(command: Command, file: Path, database: Database):
    command("course", "import", file)
    change(file, 'unit = "nn"', 'unit = "nn"\nslug = "second"')
    change(file.with_name("people.csv"), "ada@uni.example,Ada Byron,\n", "")
    command("course", "import", file)
    with database.reading() as session:
        assert set(session.scalars(sa.select(CourseUnit.slug))) == {"nn", "second"}
    assert "ada@uni.example" in roles(database)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ada@uni.example", "ada", "line 3: “ada” is no e-mail address."),
        ("instructor", "boss", "line 2: “boss” is no role."),
        ("email,", "e,", "no column “email”"),
    ],
)
def test_a_mistake_in_the_roster_leaves_everything_as_it_was(
    command: Command, file: Path, database: Database, old: str, new: str, said: str
):
    change(file.with_name("people.csv"), old, new)
    assert_usage_error(command("course", "import", file), said)
    with database.reading() as session:
        assert session.scalars(sa.select(Course)).all() == []


def test_submissions_are_never_handed_to_other_tests(
    command: Command, file: Path, world: World, database: Database
):
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.unit = "older"
        make_submission(session, unit, world.ada)
    file.write_text('slug = "dl"\ntitle = "Deep learning"\n[[units]]\nunit = "nn"\n', encoding="utf-8")
    assert_usage_error(command("course", "import", file), "can't become 'nn'")
