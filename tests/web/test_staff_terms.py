"""A unit's terms: the late policy, what sections and students were granted, withholding and releasing."""

from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import Allowance, CourseUnit, Enrolment

URL = "/courses/dl/nn/terms"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def sections(database, world):
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() + timedelta(days=1)
        for enrolment in session.query(Enrolment).filter_by(user_id=world.ben.id):
            enrolment.section = "Friday"


def later(days=3) -> str:
    return (now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def test_the_late_policy_is_changed_and_checked(client_of, database, world):
    ines = client_of(world.ines)
    assert "a late hand-in loses nothing" in ines.get(URL).text
    form = {"percent_per_day": "12,5", "percent_cap": "50", "grace_s": "15"}
    assert ines.post(f"{URL}/policy", data=form).status_code == 303
    assert (
        "loses 12.5 % for each day begun, at most 50 %, nothing in the first 15 minutes" in ines.get(URL).text
    )
    for wrong in ({"percent_per_day": "101"}, {"percent_cap": "x"}, {"grace_s": "-1"}, {"grace_s": "inf"}):
        answer = ines.post(f"{URL}/policy", data={**form, **wrong})
        assert (answer.status_code, answer.text.count('class="problem"')) == (422, 1)
    with database.reading() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        assert (unit.late_percent_per_day, unit.late_percent_cap, unit.late_grace_s) == (12.5, 50, 900)


def test_a_section_is_granted_more_time_and_its_members_see_it(client_of, database, world):
    ines = client_of(world.ines)
    form = {"section": "Friday", "deadline_at": later(), "reason": "The lab was closed."}
    assert ines.post(f"{URL}/allow", data=form).status_code == 303
    assert "Section Friday" in ines.get(URL).text
    assert "granted section Friday" in client_of(world.ben).get("/courses/dl/nn/").text
    assert "extended for you" in client_of(world.ben).get("/courses/dl/nn/").text
    assert "Friday" not in client_of(world.ada).get("/courses/dl/nn/").text
    with database.reading() as session:
        granted = session.query(Allowance).one()
    assert ines.post(f"{URL}/allowances/{granted.id}/withdraw").status_code == 303
    assert "extended for you" not in client_of(world.ben).get("/courses/dl/nn/").text


@pytest.mark.parametrize(
    ("whom", "said"),
    [
        ({}, "Choose a section, or enter one student’s address."),
        ({"section": "Friday", "email": "ada@example.org"}, "Choose a section, or enter"),
        ({"section": "Monday"}, "Choose one of the sections."),
        ({"email": "cora@example.org"}, "Nobody in the course has this address."),
        ({"email": "ines@example.org"}, "Nobody grants themselves anything."),
    ],
)
def test_it_must_be_clear_who_is_granted_something(client_of, database, world, whom, said):
    form = {"deadline_at": later(), "reason": "why", **whom}
    answer = client_of(world.ines).post(f"{URL}/allow", data=form)
    assert (answer.status_code, said in answer.text) == (422, True)
    with database.reading() as session:
        assert session.query(Allowance).count() == 0


def test_a_refused_form_comes_back_with_its_moments_in_utc(client_of, world):
    """As the fields are filled in: what was typed is the browser's time."""
    typed = {"deadline_at": "2030-12-01T10:00", "deadline_at_utc": "2030-12-01T09:00:00.000Z"}
    answer = client_of(world.ines).post(f"{URL}/allow", data={**typed, "late_until_at": "soon"})
    assert answer.status_code == 422
    assert 'value="2030-12-01T09:00"' in answer.text
    assert 'value="soon"' in answer.text


def test_one_student_is_granted_more_by_address(client_of, world):
    form = {"email": "Ada@Example.org", "deadline_at": later(), "reason": "ill"}
    assert client_of(world.ines).post(f"{URL}/allow", data=form).status_code == 303
    assert f"/courses/dl/nn/students/{world.ada.id}" in client_of(world.tara).get(URL).text


def test_withholding_and_releasing_are_the_instructors(client_of, world):
    assert "Withhold the grades" not in client_of(world.tara).get(URL).text
    ines = client_of(world.ines)
    assert ines.post(f"{URL}/withhold").status_code == 303
    assert "Grades are withheld" in ines.get(URL).text
    assert ines.post(f"{URL}/release").status_code == 303
    assert "Grades are shown" in ines.get(URL).text
