"""People's changes lock in one order and lock out nobody who only names a course or person (PostgreSQL)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import correcting, invitations, members, own_account, roster_import
from grader.accounts.roster import Row
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Course, Enrolment, Invitation, Role, User
from tests.jobs.workers import wait_until
from tests.people import World, make_world

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "postgresql"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@contextmanager
def kept_waiting(database: Database, course_id: int, act: Callable[[Session], object]) -> Iterator[Session]:
    """Act in another thread, and go on once that waits for the course; it goes on after the block."""
    went_wrong: list[BaseException] = []

    def run() -> None:
        try:
            with database.writing() as session:
                act(session)
        except BaseException as error:
            went_wrong.append(error)

    thread = threading.Thread(target=run)
    with Session(database.engine) as holder, database.engine.connect() as onlooker:
        lock_at_once(holder, Course, course_id)
        thread.start()
        try:
            wait_until(lambda: onlooker.scalar(WAITING) or not thread.is_alive(), "it waits for the course")
            assert thread.is_alive(), "it has not waited for the course"
            yield holder
        finally:
            holder.rollback()
            thread.join()
    assert went_wrong == []


def lock_at_once(session: Session, table: type[Any], row_id: int) -> None:
    """Lock the row; an error if it is locked already."""
    session.execute(sa.select(table).where(table.id == row_id).with_for_update(nowait=True, key_share=True))


def ben_of(session: Session, world: World) -> Enrolment:
    return session.scalars(sa.select(Enrolment).where(Enrolment.user_id == world.ben.id)).one()


def test_a_membership_is_locked_after_its_course(database: Database, world: World):
    with database.reading() as session:
        ben = ben_of(session, world).id
    acts: list[Callable[[Session], object]] = [
        lambda session: members.membership(session, world.course.id, world.ben.id),
        lambda session: members.numbered_membership(session, world.course.id, ben),
        lambda session: members.join(session, world.course.id, world.ben, Role.TA, world.ines.id),
    ]
    for act in acts:
        with kept_waiting(database, world.course.id, act) as holder:
            lock_at_once(holder, Enrolment, ben)


def test_whoever_accepts_an_invitation_locks_the_course_before_it_and_the_account(
    database: Database, world: World
):
    with database.writing() as session:
        token = invitations.invite(
            session, world.course.id, world.olaf.email, "Olaf", Role.STUDENT, world.ines.id, now()
        )

    def accept(session: Session) -> None:
        invitation = invitations.find_invitation(session, token, now(), to_accept=True)
        assert invitation is not None
        assert invitations.accept_as_new(session, invitation, "Olaf Berg", "three oak leaves", now())

    with kept_waiting(database, world.course.id, accept) as holder:
        lock_at_once(holder, Invitation, holder.scalars(sa.select(Invitation.id)).one())
        lock_at_once(holder, User, world.olaf.id)


def test_whoever_corrects_an_account_locks_the_course_before_it(database: Database, world: World):
    with database.reading() as session:
        ben = ben_of(session, world).id

    def act(session: Session) -> None:
        user = correcting.locked_account(session, world.course.id, ben)
        assert user is not None and user.id == world.ben.id

    with kept_waiting(database, world.course.id, act) as holder:
        lock_at_once(holder, User, world.ben.id)


def test_rows_that_only_name_a_locked_course_or_person_are_written_meanwhile(
    database: Database, world: World
):
    with database.writing() as holder:
        own_account.end_sessions(holder, world.ben.id)
        plan = roster_import.plan_import(holder, world.course.id, [row(world)], world.ines.id)
        roster_import.apply_import(holder, world.course.id, [row(world)], world.ines.id, plan.digest)
        with database.writing() as other:
            other.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            other.add(
                AuditEvent(
                    actor_id=world.ben.id,
                    concerns_id=world.ben.id,
                    course_id=world.course.id,
                    action="test",
                    subject="names both",
                    details={},
                )
            )


def row(world: World) -> Row:
    return Row(1, world.ben.email, None, Role.STUDENT, None, None)
