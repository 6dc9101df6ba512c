"""What is accepted is stored with its job in one commit; what is refused leaves no trace."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import Archive, CourseUnit, Enrolment, GradingRun, RunState, Source, Submission, User
from grader.errors import RefusedError, RejectedError
from grader.grades import allowances
from grader.grades.allowances import Grant
from grader.jobs.engine import job_id
from grader.jobs.queue import JobQueue
from grader.settings import CHECKOUT
from grader.submissions.accept import Accepted, Upload, accept
from tests.jobs.hand_ins import make_hand_in
from tests.jobs.service import Service, keep_what_waits
from tests.people import enrol, make_course, make_unit


def hand_in(
    service: Service, user: User | None = None, unit: CourseUnit | None = None, **upload: Any
) -> Accepted:
    usual = {"content": make_hand_in(), "filename": "nn.zip", "source": Source.API}
    return accept(
        service.database,
        service.queue,
        CHECKOUT,
        (unit or service.world.unit).id,
        (user or service.world.ada).id,
        Upload(**{**usual, **upload}),
    )


def set_terms(service: Service, **terms: Any) -> None:
    with service.database.writing() as session:
        session.execute(sa.update(CourseUnit).where(CourseUnit.id == service.world.unit.id).values(**terms))


def rows(service: Service) -> dict[str, int]:
    with service.database.reading() as session:
        return {
            table.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (Archive, Submission, GradingRun)
        } | {"jobs": len(service.queue.living_jobs([job_id(number, 0) for number in range(1, 20)]))}


NOTHING = {"archives": 0, "submissions": 0, "grading_runs": 0, "jobs": 0}
ONE = {"archives": 1, "submissions": 1, "grading_runs": 1, "jobs": 1}


def test_a_hand_in_becomes_a_submission_with_a_queued_run(service: Service):
    accepted = hand_in(service)
    assert (accepted.number, accepted.is_late, accepted.is_repeat) == (1, False, False)
    assert rows(service) == ONE
    with service.database.reading() as session:
        run = session.scalars(sa.select(GradingRun)).one()
        assert (run.state, run.stands, run.fence) == (RunState.QUEUED, True, 0)
        assert run.submission.public_id == accepted.public_id
        assert run.submission.archive.content == make_hand_in()


def test_submissions_are_counted_per_student(service: Service):
    numbers = [hand_in(service).number, hand_in(service).number, hand_in(service, service.world.ben).number]
    assert numbers == [1, 2, 1]


def test_what_intake_refuses_is_not_stored(service: Service):
    with pytest.raises(RejectedError):
        hand_in(service, content=b"not an archive")
    assert rows(service) == NOTHING


def test_a_stranger_is_refused(service: Service):
    for person in (service.world.olaf, service.world.cora):
        with pytest.raises(RefusedError) as caught:
            hand_in(service, person)
        assert caught.value.code == "not-a-member"
    assert rows(service) == NOTHING


def test_a_former_member_is_refused(service: Service):
    with service.database.writing() as session:
        session.execute(sa.update(Enrolment).values(ended_at=now()))
    with pytest.raises(RefusedError, match="member"):
        hand_in(service)
    assert rows(service) == NOTHING


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"opens_at": timedelta(hours=1)}, "not-open-yet"),
        ({"deadline_at": timedelta(hours=-1)}, "closed"),
        ({"deadline_at": timedelta(hours=-2), "late_until_at": timedelta(hours=-1)}, "closed"),
    ],
)
def test_the_unit_s_dates_hold(service: Service, terms: dict[str, timedelta], code: str):
    set_terms(service, **{name: now() + offset for name, offset in terms.items()})
    with pytest.raises(RefusedError) as caught:
        hand_in(service)
    assert caught.value.code == code
    assert rows(service) == NOTHING


def test_between_deadline_and_late_until_it_is_late(service: Service):
    set_terms(service, deadline_at=now() - timedelta(hours=1), late_until_at=now() + timedelta(hours=1))
    assert hand_in(service).is_late


def test_attempts_end(service: Service):
    set_terms(service, max_attempts=1)
    keep_what_waits(service)
    hand_in(service)
    with pytest.raises(RefusedError) as caught:
        hand_in(service, content=make_hand_in(sleep_s=1))
    assert caught.value.code == "no-attempts-left"
    assert rows(service) == ONE


def test_without_a_job_there_is_no_submission(service: Service, url: str):
    class BrokenQueue(JobQueue):
        def add(self, session: Session, run: GradingRun, *, delay_s: float = 0.0) -> None:
            super().add(session, run)
            raise ConnectionError("in the last moment")

    broken = BrokenQueue(url)
    with pytest.raises(ConnectionError):
        hand_in(Service(service.database, broken, service.world))
    broken.close()
    assert rows(service) == NOTHING


def test_a_repeated_request_is_the_same_submission(service: Service):
    first = hand_in(service, idempotency_key="k1")
    set_terms(service, deadline_at=now() - timedelta(hours=1))  # the answer got lost, and now it is closed
    again = hand_in(service, idempotency_key="k1")
    assert again.is_repeat
    assert again.public_id == first.public_id
    assert rows(service) == ONE


def test_a_key_is_for_one_request_of_one_person(service: Service):
    hand_in(service, idempotency_key="k1")
    with pytest.raises(RefusedError) as caught:
        hand_in(service, content=make_hand_in(sleep_s=1), idempotency_key="k1")
    assert caught.value.code == "key-reused"
    assert not hand_in(service, service.world.ben, idempotency_key="k1").is_repeat


def test_a_key_is_not_for_another_unit(service: Service):
    with service.database.writing() as session:
        course = make_course(session, slug="dl-2", title="Deep learning 2")
        enrol(session, course, service.world.ada)
        other = make_unit(session, course)
    hand_in(service, idempotency_key="k1")
    with pytest.raises(RefusedError, match="fresh"):
        hand_in(service, unit=other, idempotency_key="k1")


def test_the_name_of_the_file_is_made_fit_to_be_shown(service: Service):
    hand_in(service, filename="a\0\n\ud800.zip" + 300 * "x")
    with service.database.reading() as session:
        filename = session.scalars(sa.select(Submission.filename)).one()
    assert filename.startswith("a\\x00\\n\\ud800.zip")
    assert len(filename) < 250


def test_whoever_was_granted_time_and_attempts_hands_in_when_others_cannot(service: Service):
    keep_what_waits(service)
    set_terms(service, deadline_at=now() - timedelta(hours=1), max_attempts=1)
    grant = Grant("ill", user_id=service.world.ada.id, deadline_at=now() + timedelta(hours=1))
    with service.database.writing() as session:
        allowances.allow(session, service.world.unit.id, grant, service.world.tara)
    accepted = hand_in(service)
    assert not accepted.is_late
    with pytest.raises(RefusedError) as refused:
        hand_in(service, content=make_hand_in(second=True))
    assert refused.value.code == "no-attempts-left"
    with pytest.raises(RefusedError) as refused:
        hand_in(service, service.world.ben)
    assert refused.value.code == "closed"
    with service.database.writing() as session:
        more = Grant("ill", user_id=service.world.ada.id, extra_attempts=1)
        allowances.allow(session, service.world.unit.id, more, service.world.tara)
    assert hand_in(service, content=make_hand_in(second=True)).number == 2
