"""Staff put names and addresses right, in accounts that are their course's alone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grader.accounts.invitations import invite
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Enrolment, Invitation, Role, User
from tests.people import PASSWORD, World, enrol, password_hash
from tests.web.conftest import ClientOf
from tests.web.forms import submit

NEW = {"name": "Ada King", "email": "Ada.King@Example.org"}


def page_of(database: Database, world: World, user: User) -> str:
    with database.reading() as session:
        found = session.scalars(
            sa.select(Enrolment.id).where(
                Enrolment.user_id == user.id, Enrolment.course_id == world.course.id
            )
        ).one()
    return f"/courses/dl/people/{found}"


def who(database: Database, user: User) -> tuple[str, str]:
    with database.reading() as session:
        found = session.get_one(User, user.id)
        return found.name, found.email


def test_an_instructor_corrects_a_students_name_and_address(
    client_of: ClientOf, database: Database, world: World
):
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    page = page_of(database, world, world.ada)
    assert submit(client_of(world.ines), page, f"{page}/account", **NEW).location == page
    assert who(database, world.ada) == ("Ada King", "ada.king@example.org")
    signed_in = [
        client_of(None).post("/sign-in", data={"email": email, "password": PASSWORD}).status_code
        for email in ("ada.king@example.org", "ada@example.org")
    ]
    assert signed_in == [303, 422]
    with database.reading() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "account.correct")).one()
    assert (event.actor_id, event.concerns_id) == (world.ines.id, world.ada.id)
    assert event.details["before"] == {"name": "Ada Byron", "email": "ada@example.org"}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "BEN@example.org"}, "email"),  # someone else's
        ({"email": "ada\x01@example.org"}, "email"),
        ({"name": " "}, "name"),
        ({"name": "Ada \u202e"}, "name"),
    ],
)
def test_what_can_not_be_is_told_and_changes_nothing(
    client_of: ClientOf, database: Database, world: World, form: dict[str, str], field: str
):
    page = page_of(database, world, world.ada)
    answer = submit(client_of(world.ines), page, f"{page}/account", **form)
    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert who(database, world.ada) == ("Ada Byron", "ada@example.org")


def test_links_for_the_old_address_end(client_of: ClientOf, database: Database, world: World):
    with database.writing() as session:
        invite(session, world.course.id, "ada@example.org", "", Role.STUDENT, world.ines.id, now())
    page = page_of(database, world, world.ada)
    submit(client_of(world.ines), page, f"{page}/account", name="Ada King")
    with database.reading() as session:
        assert session.query(Invitation).count() == 1
    submit(client_of(world.ines), page, f"{page}/account", **NEW)
    with database.reading() as session:
        assert session.query(Invitation).count() == 0


@pytest.mark.parametrize(
    "what", ["staff", "an admin", "in another course", "connected with the provider", "left"]
)
def test_other_accounts_are_corrected_by_admins_only(
    client_of: ClientOf, database: Database, world: World, what: str
):
    with database.writing() as session:
        ada = session.get_one(User, world.ada.id)
        member = session.scalars(sa.select(Enrolment).where(Enrolment.user_id == ada.id)).one()
        if what == "staff":
            member.role = Role.TA
        elif what == "an admin":
            ada.is_admin = True
        elif what == "in another course":
            enrol(session, world.other_course, ada)
        elif what == "left":
            member.ended_at = now()
        else:
            ada.oidc_issuer, ada.oidc_subject = "https://id.example.org", "u-1815"
    page = page_of(database, world, world.ada)
    browser = client_of(world.ines)
    assert f"{page}/account" not in browser.get(page).text
    assert browser.post(f"{page}/account", data=NEW).status_code == 403
    assert client_of(world.abe).post(f"{page}/account", data=NEW).status_code == 303
    assert who(database, world.ada) == ("Ada King", "ada.king@example.org")
