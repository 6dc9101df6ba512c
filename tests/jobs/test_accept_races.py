"""Uploads at the same moment: attempts, keys and numbers hold, and nothing fails."""

import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from grader.db.models import Archive, CourseUnit, GradingRun, Source, Submission
from grader.errors import RefusedError
from grader.settings import CHECKOUT
from grader.submissions.accept import Accepted, Upload, accept
from tests.jobs.hand_ins import make_hand_in
from tests.jobs.service import Service, keep_what_waits
from tests.people import enrol, make_course, make_person, make_unit

CROWD = 8


def at_once(acts: list[Callable[[], Accepted]]) -> list[Accepted | RefusedError]:
    """Do all of it at the same moment; return what each led to."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def act(number: int) -> None:
        start.wait()
        try:
            results[number] = acts[number]()
        except RefusedError as error:
            results[number] = error

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def uploader(
    service: Service, user_id: int, number: int, key: str | None = None, unit_id: int | None = None
) -> Callable[[], Accepted]:
    upload = Upload(make_hand_in(number=number), "nn.zip", Source.API, key)
    unit_id = unit_id or service.world.unit.id
    return lambda: accept(service.database, service.queue, CHECKOUT, unit_id, user_id, upload)


def count(service: Service, table: type) -> int:
    with service.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_last_attempt_is_used_once(service: Service):
    with service.database.writing() as session:
        session.execute(sa.update(CourseUnit).values(max_attempts=1))
    keep_what_waits(service)
    results = at_once([uploader(service, service.world.ada.id, number) for number in range(CROWD)])
    accepted = [result for result in results if isinstance(result, Accepted)]
    refused = [result.code for result in results if isinstance(result, RefusedError)]
    assert (len(accepted), refused) == (1, ["no-attempts-left"] * (CROWD - 1))
    assert count(service, Submission) == count(service, GradingRun) == 1


def test_a_request_sent_many_times_is_one_submission(service: Service):
    results = at_once([uploader(service, service.world.ada.id, 1, key="k1") for _ in range(CROWD)])
    assert len({result.public_id for result in results if isinstance(result, Accepted)}) == 1
    assert [result.is_repeat for result in results if isinstance(result, Accepted)].count(False) == 1
    assert count(service, Submission) == 1


def test_a_key_used_in_two_courses_is_good_for_one(service: Service):
    with service.database.writing() as session:
        course = make_course(session, slug="dl-2", title="Deep learning 2")
        enrol(session, course, service.world.ada)
        other = make_unit(session, course).id
    ada = service.world.ada.id
    results = at_once(
        [uploader(service, ada, 1, "k1"), uploader(service, ada, 1, "k1", other)] * (CROWD // 2)
    )
    assert {type(result) for result in results} == {Accepted, RefusedError}
    assert count(service, Submission) == 1


def test_numbers_are_counted_up_without_a_gap(service: Service):
    results = at_once([uploader(service, service.world.ada.id, number) for number in range(CROWD)])
    numbers = [result.number for result in results if isinstance(result, Accepted)]
    assert sorted(numbers) == list(range(1, CROWD + 1))


def test_the_same_archive_of_many_students_is_stored_once(service: Service):
    with service.database.writing() as session:
        people = [make_person(session, f"Student{number} Sample") for number in range(CROWD)]
        for person in people:
            enrol(session, service.world.course, person)
    results = at_once([uploader(service, person.id, 1) for person in people])
    assert all(isinstance(result, Accepted) for result in results)
    assert (count(service, Submission), count(service, Archive)) == (CROWD, 1)
