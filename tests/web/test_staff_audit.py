"""The audit trail of a course, in the browser and as CSV."""

import csv
import io
import re

import pytest

from grader.db.models import DecisionKind
from grader.grades import decisions
from grader.grades.audit import record
from grader.grades.decisions import Verdict

URL = "/courses/dl/decisions"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def decided(database, world):
    with database.writing() as session:
        for number in range(60):
            record(
                session, "run.regrade", actor=world.tara, course_id=world.course.id, subject=f"run {number}"
            )
        verdict = Verdict(DecisionKind.SCORE, "=1+1 <b>bold</b>", score=50)
        decisions.decide(session, world.unit.id, world.ada.id, verdict, world.ines, address="192.0.2.7")


@pytest.mark.usefixtures("decided")
def test_it_is_paged_searched_and_filtered(client_of, world):
    tara = client_of(world.tara)
    page = tara.get(URL).text
    assert "61 decisions" in page
    assert "Page 1 of 2" in page
    assert len(re.findall(r'<th role="rowheader"', page)) == 50
    assert "<b>Ines Sol</b> set Ada Byron’s score to 50 points." in page
    assert "&lt;b&gt;bold" in page
    found = tara.get(f"{URL}?person=ada&kind=grade&q=bold").text
    assert "1 decision found" in found
    assert "Nothing matches" in tara.get(f"{URL}?q=nothing-like-this").text
    for silly in ("page=0", "page=99", "kind=%25", "person=%00x"):
        assert tara.get(f"{URL}?{silly}").status_code in (200, 400)


@pytest.mark.usefixtures("decided")
def test_the_csv_holds_what_the_search_finds_without_formulas_or_addresses(client_of, world):
    answer = client_of(world.tara).get(f"{URL}.csv?kind=grade")
    assert answer.mimetype == "text/csv"
    assert "192.0.2.7" not in answer.text
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["who"], row["why"]) == ("Ines Sol", "'=1+1 <b>bold</b>")
    assert len(client_of(world.tara).get(f"{URL}.csv").text.splitlines()) == 62


def test_an_empty_one_says_so(client_of, world):
    assert "Nothing was decided yet" in client_of(world.tara).get(URL).text
