"""Bringing in a list: the plan tells what changes, the import does exactly that, and nobody is removed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grader.accounts.roster import Row, read_roster
from grader.accounts.roster_import import Difference, Kind, Plan, apply_import, plan_import
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Enrolment, Role, User
from tests.people import World, enrol, make_person, make_world, password_hash


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


def rows(text: str) -> tuple[Row, ...]:
    roster = read_roster(text.encode())
    assert roster.problems == ()
    return roster.rows


def plan_of(database: Database, world: World, text: str) -> Plan:
    with database.reading() as session:
        return plan_import(session, world.course.id, rows(text), world.ines.id)


def bring_in(database: Database, world: World, text: str) -> Plan:
    plan = plan_of(database, world, text)
    with database.writing() as session:
        done, is_done = apply_import(session, world.course.id, rows(text), world.ines.id, plan.digest)
    assert is_done == (not plan.problems)
    return done


def members(database: Database, world: World) -> dict[str, tuple[str, Role, str | None, str | None]]:
    with database.reading() as session:
        found = session.execute(
            sa.select(User.email, User.name, Enrolment.role, Enrolment.student_number, Enrolment.section)
            .join(Enrolment, Enrolment.user_id == User.id)
            .where(Enrolment.course_id == world.course.id, Enrolment.ended_at.is_(None))
        )
        return {email.partition("@")[0]: tuple(facts) for email, *facts in found}


def kinds(plan: Plan) -> dict[str, str]:
    return {change.row.email.partition("@")[0]: change.kind.value for change in plan.changes}


LIST = """\
email,name,role,number,section
ada@example.org,Ada Byron,student,1815,A
ben@example.org,Ben Okri,,,
cora@example.org,Cora Lind,,,B
nora@example.org,Nora New,ta,1900,
"""


def test_the_plan_tells_what_changes_and_changes_nothing(database: Database, world: World):
    before = members(database, world)
    plan = plan_of(database, world, LIST)
    assert kinds(plan) == {"ada": "changes", "ben": "same", "cora": "new", "nora": "new"}
    (ada,) = plan.of_kind(Kind.CHANGES)
    assert ada.differences == (Difference("student number", None, "1815"), Difference("section", None, "A"))
    assert plan.absent == ("Ines Sol", "Tara Rao")
    assert members(database, world) == before


def test_the_import_does_what_the_plan_tells(database: Database, world: World):
    bring_in(database, world, LIST)
    assert members(database, world) == {
        "ada": ("Ada Byron", Role.STUDENT, "1815", "A"),
        "ben": ("Ben Okri", Role.STUDENT, None, None),
        "cora": ("Cora Lind", Role.STUDENT, None, "B"),
        "nora": ("Nora New", Role.TA, "1900", None),
        "tara": ("Tara Rao", Role.TA, None, None),
        "ines": ("Ines Sol", Role.INSTRUCTOR, None, None),
    }


def test_the_same_list_again_changes_nothing(database: Database, world: World):
    bring_in(database, world, LIST)
    before = members(database, world)
    plan = bring_in(database, world, LIST)
    assert set(kinds(plan).values()) == {"same"}
    assert members(database, world) == before


def test_what_the_list_does_not_say_stays(database: Database, world: World):
    bring_in(database, world, LIST)
    bring_in(database, world, "email,section\nada@example.org,\nnora@example.org,C\n")
    assert members(database, world)["ada"] == ("Ada Byron", Role.STUDENT, "1815", "A")
    assert members(database, world)["nora"] == ("Nora New", Role.TA, "1900", "C")


def test_new_people_can_not_sign_in_yet(database: Database, world: World):
    bring_in(database, world, LIST)
    with database.reading() as session:
        nora = session.scalars(sa.select(User).where(User.email == "nora@example.org")).one()
    assert (nora.password_hash, nora.oidc_subject, nora.is_admin) == (None, None, False)


def test_the_name_of_an_account_is_its_owners(database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    bring_in(database, world, "email,name\nada@example.org,BYRON ADA\nben@example.org,Ben O.\n")
    assert members(database, world)["ada"][0] == "Ada Byron"
    assert members(database, world)["ben"][0] == "Ben O."


def test_who_had_left_comes_back(database: Database, world: World):
    with database.writing() as session:
        frida = make_person(session, "Frida Ott")
        enrol(session, world.course, frida, ended_at=now(), student_number="7")
    plan = bring_in(database, world, "email\nfrida@example.org\n")
    assert kinds(plan) == {"frida": "returns"}
    assert members(database, world)["frida"] == ("Frida Ott", Role.STUDENT, "7", None)


def test_with_one_wrong_line_nothing_is_done(database: Database, world: World):
    before = members(database, world)
    plan = bring_in(database, world, "email,name\nnora@example.org,Nora\nnils@example.org,\n")
    assert [(problem.line, problem.text) for problem in plan.problems] == [
        (3, "nils@example.org is new here: the name is missing.")
    ]
    assert members(database, world) == before


@pytest.mark.parametrize("role", ["ta", "student"])
def test_nobody_changes_their_own_role(database: Database, world: World, role: str):
    plan = bring_in(database, world, f"email,role\nines@example.org,{role}\n")
    assert "your own role" in " ".join(problem.text for problem in plan.problems)
    assert members(database, world)["ines"][1] is Role.INSTRUCTOR


def test_a_course_is_never_left_without_instructor(database: Database, world: World):
    """An admin, who is no member, brings the list in."""
    listed = rows("email,role\nines@example.org,ta\n")
    with database.reading() as session:
        plan = plan_import(session, world.course.id, listed, world.abe.id)
    assert [problem.text for problem in plan.problems] == ["The course would be left without an instructor."]


def test_a_closed_account_is_told(database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.olaf.id).is_active = False
    plan = plan_of(database, world, "email\nolaf@example.org\n")
    assert "closed" in plan.problems[0].text


def test_if_the_course_changed_meanwhile_nothing_is_done(database: Database, world: World):
    looked_at = plan_of(database, world, LIST)
    with database.writing() as session:
        ben = session.scalars(sa.select(Enrolment).where(Enrolment.user_id == world.ben.id)).one()
        ben.ended_at = now()
    before = members(database, world)
    with database.writing() as session:
        plan, is_done = apply_import(session, world.course.id, rows(LIST), world.ines.id, looked_at.digest)
    assert not is_done
    assert kinds(plan)["ben"] == "returns"
    assert members(database, world) == before


def test_what_was_done_is_on_record(database: Database, world: World):
    bring_in(database, world, LIST)
    with database.reading() as session:
        events = session.execute(sa.select(AuditEvent.action, AuditEvent.subject, AuditEvent.actor_id)).all()
    assert [tuple(event) for event in events] == [
        ("roster.changes", "ada@example.org", world.ines.id),
        ("roster.new", "cora@example.org", world.ines.id),
        ("roster.new", "nora@example.org", world.ines.id),
        ("roster.import", "list", world.ines.id),
    ]
