"""Reading a course file: what it means, and every mistake told at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.db.models import Counting
from grader.errors import UsageError
from grader.service.course_file import CourseFile, read_course_file
from grader.settings import CHECKOUT
from tests.markdown import read

SMALLEST = 'slug = "dl"\ntitle = "Deep learning"\n[[units]]\nunit = "nn"\n'
Read = Callable[[str], CourseFile]


@pytest.fixture
def course(tmp_path: Path) -> Read:
    def read_text(text: str) -> CourseFile:
        file = tmp_path / "course.toml"
        file.write_text(text, encoding="utf-8")
        return read_course_file(file, CHECKOUT)

    return read_text


def test_the_smallest_file_has_useful_defaults(course: Read):
    found = course(SMALLEST)
    assert (found.slug, found.title, found.supersedes_queued, found.roster) == (
        "dl",
        "Deep learning",
        True,
        None,
    )
    (unit,) = found.units
    assert (unit.slug, unit.unit, unit.is_published, unit.counts) == ("nn", "nn", True, Counting.BEST)
    assert unit.title and unit.position == 1
    assert (unit.opens_at, unit.deadline_at, unit.late_until_at, unit.max_attempts) == (
        None,
        None,
        None,
        None,
    )


def test_the_example_in_the_reference_is_right(course: Read, tmp_path: Path):
    (tmp_path / "people.csv").touch()
    example = read("docs/reference/course-file.md").partition("```toml\n")[2].partition("```")[0]
    found = course(example)
    assert found.roster == tmp_path / "people.csv"
    assert found.units[0].deadline_at == datetime(2026, 10, 5, 16, tzinfo=UTC)
    assert found.units[0].max_attempts == 10


def test_everything_can_be_set(course: Read):
    (unit,) = course(
        SMALLEST + 'slug = "first-net"\ntitle = "A net"\nis_published = false\ncounts = "latest"\n'
    ).units
    assert (unit.slug, unit.title) == ("first-net", "A net")
    assert (unit.is_published, unit.counts) == (False, Counting.LATEST)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slug = ", "cannot read"),
        ('title = "x"\n', "slug: missing"),
        (SMALLEST.replace('"dl"', '"Deep Learning"'), "slug: Use lower-case letters"),
        (SMALLEST.replace('"dl"', '"new"'), "slug: “new” is the address of another page"),
        (SMALLEST + 'slug = "people"\n', "units[1].slug: “people” is the address of another page"),
        (SMALLEST.replace('"dl"', '"-dl"'), "slug: Use lower-case letters"),
        (SMALLEST.replace('"nn"', '"rnn"'), "units[1].unit: there is no unit 'rnn'"),
        (SMALLEST.replace('"nn"', '"../nn"'), "units[1].unit: there is no unit '../nn'"),
        (SMALLEST + "deadline_at = 2026-10-01T18:00:00\n", "with its offset from UTC"),
        (SMALLEST + "max_attempts = 0\n", "units[1].max_attempts: expected a whole number"),
        (SMALLEST + "is_published = 1\n", "units[1].is_published: expected true or false"),
        (SMALLEST + 'counts = "mean"\n', "units[1].counts: expected best or latest"),
        (SMALLEST + "dedline_at = 1\n", "units[1].dedline_at: unknown entry"),
        (SMALLEST + SMALLEST[SMALLEST.index("[[") :], "there are two with the slug 'nn'"),
        (SMALLEST.replace("[[units]]", "[units]"), "units: expected tables that begin with [[units]]"),
        ('roster = "none.csv"\n' + SMALLEST, "roster: there is no file"),
        (SMALLEST + "late_until_at = 2026-10-01T18:00:00Z\n", "without deadline_at nothing is late"),
        (
            SMALLEST + "opens_at = 2026-10-02T18:00:00Z\ndeadline_at = 2026-10-01T18:00:00Z\n",
            "deadline_at: it is not after opens_at",
        ),
        (
            SMALLEST + "deadline_at = 2026-10-02T18:00:00Z\nlate_until_at = 2026-10-02T18:00:00Z\n",
            "late_until_at: it is not after deadline_at",
        ),
    ],
    ids=range(19),
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(course: Read, text: str, said: str):
    with pytest.raises(UsageError) as told:
        course(text)
    assert said in str(told.value)


def test_all_mistakes_are_told_at_once(course: Read):
    with pytest.raises(UsageError) as told:
        course('slug = "X"\n[[units]]\nunit = "rnn"\ncounts = "mean"\n')
    assert str(told.value).count("\n  - ") == 4
