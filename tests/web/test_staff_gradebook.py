"""GET /courses/<course>/gradebook and its files, for staff."""

import csv
import io
import re
from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import CourseUnit, DecisionKind, Enrolment, GradeDecision, RunState, User
from tests.cast import half_done, reference
from tests.people import enrol, make_person, make_unit
from tests.web.handed_in import hand_in

URL = "/courses/dl/gradebook"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # tests/grades reads on both


@pytest.fixture
def class_of_four(database, world):
    """Ada is late, Ben has two submissions, one of them waiting, Dora is excused, Zoë has nothing."""
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.late_percent_per_day = now() - timedelta(days=1, hours=12), 10.0
        make_unit(session, world.course, slug="cnn", title="Convolutions", are_grades_withheld=True)
        dora = make_person(session, "Dora <b>Bold</b>")
        enrol(session, world.course, dora, section="B", student_number="0042")
        enrol(session, world.course, make_person(session, "Zoë Quint", email="=zoe@example.org"), section="A")
        session.query(Enrolment).filter_by(user_id=world.ada.id).one().section = "A"
        session.add(
            GradeDecision(
                course_unit_id=unit.id,
                user_id=dora.id,
                kind=DecisionKind.EXCUSED,
                reason="Illness",
                decided_by_id=world.tara.id,
            )
        )
    hand_in(database, world, reference())
    early = now() - timedelta(days=5)
    hand_in(database, world, half_done(), RunState.QUEUED, person=world.ben, received_at=early)


def names(page: str) -> list[str]:
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'class="name"><a href="[^"]+">([^<]+)', body)


def row(page: str, name: str) -> str:
    (found,) = re.findall(rf"<tr><th[^>]*><a[^>]*>{name}</a>.*?</tr>", page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_everybody_with_scores_and_marks(client_of, world, class_of_four):
    page = client_of(world.tara).get(URL).text
    assert names(page) == ["Ada Byron", "Ben Okri", "Dora &lt;b&gt;Bold&lt;/b&gt;", "Zoë Quint"]
    assert row(page, "Ada Byron").startswith("Ada Byron 2 d late 80 – 80 40.0 %")
    assert re.match(r"Ben Okri waiting [0-9.]+ –", row(page, "Ben Okri"))
    dora = "Dora &lt;b&gt;Bold&lt;/b&gt;"
    assert row(page, dora) == f"{dora} excused – 0 0.0 % B 0042 dora@example.org"
    assert row(page, "Zoë Quint") == "Zoë Quint – – 0 0.0 % A =zoe@example.org"
    assert "2 of 3" in page, "handed in, of those not excused"
    assert "withheld" in page
    assert "<b>" not in page


def test_filters_and_orders_by_the_address(client_of, world, class_of_four):
    browser = client_of(world.tara)

    def shown(query: str) -> str:
        return " ".join(name.split()[0] for name in names(browser.get(f"{URL}?{query}").text))

    assert shown("q=okri") == "Ben"
    assert shown("section=A&sort=-name") == "Zoë Ada"
    assert shown("state=not-handed-in&unit=nn") == "Zoë"
    assert shown("state=late") == "Ada"
    assert shown("sort=-unit:nn").startswith("Ada Ben")
    assert shown("state=below&unit=nn&below=79") == "Ben Zoë"
    assert shown("state=silly&below=x&sort=silly&unit=silly") == "Ada Ben Dora Zoë"
    page = browser.get(f"{URL}?q=nobody").text
    assert "No student is like that." in page
    assert "<table" not in page


def test_links_keep_what_is_asked_for_and_nothing_else(client_of, world, class_of_four):
    asked = "q=a&section=A&sort=name&_external=1&_scheme=javascript&course=stats&evil=1"
    page = client_of(world.tara).get(f"{URL}?{asked}").text
    assert f'href="{URL}?q=a&amp;section=A&amp;sort=-name"' in page
    assert f'href="{URL}?q=a&amp;section=A&amp;sort=unit%3Ann"' in page
    assert f'href="{URL}/canvas?q=a&amp;section=A&amp;sort=name"' in page
    assert "javascript" not in page
    assert "evil" not in page


def test_people_who_left_are_shown_if_asked_for(client_of, database, world):
    with database.writing() as session:
        session.query(Enrolment).filter_by(user_id=world.ben.id).one().ended_at = now()
    browser = client_of(world.tara)
    assert names(browser.get(URL).text) == ["Ada Byron"]
    assert names(browser.get(f"{URL}?left=1").text) == ["Ada Byron", "Ben Okri"]


def test_the_files_hold_what_the_page_shows(client_of, world, class_of_four):
    browser = client_of(world.tara)

    def cells(form: str, query: str = "") -> list[list[str]]:
        answer = browser.get(f"{URL}/{form}{query}")
        suffix = "" if form == "csv" else f"-{form}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="dl-grades{suffix}.csv"'
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))

    assert [line[0] for line in cells("csv", "?section=A&sort=-name")] == ["Name", "Zoë Quint", "Ada Byron"]
    assert cells("canvas", "?q=dora")[2] == ["Dora <b>Bold</b>", "", "0042", "dora@example.org", "B", "EX"]
    assert cells("moodle", "?q=ada") == [
        ["ID number", "Email address", "Full name", world.unit.title],
        ["", "ada@example.org", "Ada Byron", "80"],
    ]
    assert cells("moodle", "?q=quint")[1][1] == "'=zoe@example.org"
    answer = browser.get(f"{URL}/xlsx")
    assert answer.data[:2] == b"PK"
    assert browser.get(f"{URL}/pdf").status_code == 404


def test_a_course_without_students_or_units(client_of, database, world):
    with database.writing() as session:
        cora = session.get_one(User, world.cora.id)
        enrolment = session.query(Enrolment).filter_by(user_id=cora.id).one()
    browser = client_of(world.abe)
    page = browser.get("/courses/stats/gradebook").text
    assert names(page) == ["Cora Lind"]
    with database.writing() as session:
        session.get_one(Enrolment, enrolment.id).ended_at = now()
    assert "There are no students yet." in browser.get("/courses/stats/gradebook").text
    assert browser.get("/courses/stats/gradebook/xlsx").status_code == 200
