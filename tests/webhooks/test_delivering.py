"""Deliveries: signed, tried again, given up; endpoints that fail rest, and are switched off in the end."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Webhook, WebhookDelivery
from grader.outbound.client import MAX_ANSWER_BYTES
from grader.outbound.errands import JITTER, LEASE_S
from grader.sealing import Sealer
from grader.webhooks import endpoints, queueing
from grader.webhooks.delivering import PAUSES_S, Delivering
from grader.webhooks.endpoints import PURPOSE
from grader.webhooks.signing import new_secret
from tests.integrations import SEALER, SECRET, make_delivery
from tests.outbound.stand_in import Asked, StandIn
from tests.people import World
from tests.webhooks.course import Course, deliver, failing, signed_by


@pytest.fixture
def course(database: Database, world: World, endpoint: StandIn) -> Course:
    return Course(database, world, endpoint)


def test_a_delivery_is_signed_and_done_once(course: Course, delivering: Delivering, endpoint: StandIn):
    assert deliver(delivering)
    assert not deliver(delivering)
    (asked,) = endpoint.asked
    assert (asked.method, asked.path) == ("POST", "/in")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["webhook-id"] == course.delivery().public_id
    assert abs(int(asked.headers["webhook-timestamp"]) - now().timestamp()) < 600
    assert signed_by(asked, SECRET)
    assert json.loads(asked.body)["type"] == "test"
    delivery = course.delivery()
    assert (delivery.state, delivery.tries, delivery.last_status) == ("delivered", 1, 200)
    (attempt,) = course.attempts()
    assert (attempt.status, attempt.answer, attempt.error) == (200, "thank you", None)
    assert attempt.signature == asked.headers["webhook-signature"]


def test_a_failure_is_tried_again_after_a_growing_pause(
    course: Course, delivering: Delivering, endpoint: StandIn
):
    endpoint.answer = failing
    for number, pause_s in enumerate(PAUSES_S, start=1):
        course.change(next_try_at=now(), paused_until=None)
        before = now()
        assert deliver(delivering)
        delivery = course.delivery()
        assert (delivery.state, delivery.tries, delivery.last_status) == ("waiting", number, 500)
        assert delivery.last_error == "The endpoint answered 500."
        assert delivery.next_try_at is not None
        low, high = (timedelta(seconds=pause_s * (1 + side)) for side in (-JITTER, JITTER))
        assert before + low <= delivery.next_try_at <= now() + high
    course.change(next_try_at=now(), paused_until=None)
    assert deliver(delivering)
    assert course.delivery().state == "given_up"
    assert not deliver(delivering)
    bodies = {asked.body for asked in endpoint.asked}
    ids = {asked.headers["webhook-id"] for asked in endpoint.asked}
    assert len(bodies) == len(ids) == 1, "each try says the same, under the same id"
    assert len(course.attempts()) == len(endpoint.asked) == len(PAUSES_S) + 1
    assert sum(PAUSES_S) == pytest.approx(timedelta(days=3).total_seconds(), rel=0.1)


def test_a_courier_that_was_outlasted_only_writes_its_try(
    course: Course, delivering: Delivering, endpoint: StandIn
):
    def meanwhile(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        course.change(tries=2, next_try_at=None, delivered_at=now())  # by another, who took it since
        return failing(asked)

    endpoint.answer = meanwhile
    assert deliver(delivering)
    delivery = course.delivery()
    assert (delivery.state, delivery.tries, delivery.last_error) == ("delivered", 2, None)
    assert [attempt.status for attempt in course.attempts()] == [500]


def test_while_an_endpoint_rests_nothing_is_sent_to_it(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database
):
    endpoint.answer = failing
    with database.writing() as session:
        make_delivery(session, session.get_one(Webhook, course.webhook_id))
    assert deliver(delivering)
    assert not deliver(delivering)
    course.change(paused_until=now())
    assert deliver(delivering)


def test_a_success_ends_the_failing(course: Course, delivering: Delivering, endpoint: StandIn):
    course.change(failing_since=now() - timedelta(days=4))
    assert deliver(delivering)
    assert course.webhook().failing_since is None


def test_an_endpoint_that_failed_for_days_is_switched_off_and_staff_can_see_it(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database
):
    endpoint.answer = failing
    course.change(failing_since=now() - timedelta(days=5, seconds=1))
    assert deliver(delivering)
    webhook = course.webhook()
    assert not webhook.is_active
    assert "five days" in str(webhook.off_reason)
    assert course.delivery().state == "given_up"
    with database.reading() as session:
        (event,) = session.query(AuditEvent).all()
        assert (event.action, event.actor_id) == ("webhook.switch_off", None)


def test_an_endpoint_that_is_gone_is_switched_off_at_once(
    course: Course, delivering: Delivering, endpoint: StandIn
):
    endpoint.answer = lambda asked: (410, {}, b"")
    assert deliver(delivering)
    assert not course.webhook().is_active


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "http://hooks.example.org/", "https://localhost/", "https://[::ffff:127.0.0.1]/"],
)
def test_an_address_that_is_not_for_us_is_never_asked(
    course: Course, delivering: Delivering, endpoint: StandIn, url: str
):
    course.change(url=url)
    assert deliver(delivering)
    (attempt,) = course.attempts()
    assert attempt.status is None
    assert attempt.error
    assert course.delivery().state == "waiting"
    assert endpoint.asked == []


def test_a_courier_that_died_on_the_way_loses_nothing(
    course: Course, delivering: Delivering, endpoint: StandIn
):
    assert delivering.take() is not None  # and dies
    assert not deliver(delivering), "held"
    leased_until = course.delivery().leased_until
    assert leased_until is not None
    assert timedelta(0) < leased_until - now() <= timedelta(seconds=LEASE_S)
    course.change(leased_until=now() - timedelta(seconds=1))
    assert deliver(delivering)
    assert course.delivery().state == "delivered"
    assert len(endpoint.asked) == 1


def test_a_courier_that_died_after_the_answer_sends_once_more(
    course: Course, delivering: Delivering, endpoint: StandIn, monkeypatch: pytest.MonkeyPatch
):
    """At least once: whoever receives knows it again by its id."""
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_record", lambda *sent: None)
        assert deliver(delivering)
    course.change(leased_until=now() - timedelta(seconds=1))
    assert deliver(delivering)
    first, second = endpoint.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_after_a_rotation_both_secrets_sign_for_a_day(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database, world: World
):
    with database.writing() as session:
        webhook = session.get_one(Webhook, course.webhook_id)
        fresh = endpoints.rotate(session, SEALER, webhook, world.ines.id, now())
    assert deliver(delivering)
    assert signed_by(endpoint.asked[0], SECRET)
    assert signed_by(endpoint.asked[0], fresh)
    course.change(previous_secret_until=now(), next_try_at=now())
    assert deliver(delivering)
    assert not signed_by(endpoint.asked[1], SECRET)
    assert signed_by(endpoint.asked[1], fresh)


def test_a_rotation_mends_a_secret_that_can_not_be_read(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database, world: World
):
    course.change(secret=Sealer("another key that is long enough").seal(SECRET, PURPOSE))
    with database.writing() as session:
        webhook = session.get_one(Webhook, course.webhook_id)
        fresh = endpoints.rotate(session, SEALER, webhook, world.ines.id, now())
    assert deliver(delivering)
    assert signed_by(endpoint.asked[0], fresh)


def test_a_secret_sealed_under_another_key_is_a_problem_in_words(
    course: Course, delivering: Delivering, endpoint: StandIn
):
    course.change(secret=Sealer("another key that is long enough").seal(new_secret(), PURPOSE))
    assert deliver(delivering)
    assert "secret key has changed" in str(course.delivery().last_error)
    assert endpoint.asked == []


def test_a_test_is_tried_once_even_where_the_endpoint_is_off(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database, world: World
):
    endpoint.answer = failing
    course.change(next_try_at=None, is_active=False)
    with database.writing() as session:
        webhook = session.get_one(Webhook, course.webhook_id)
        course.delivery_id = queueing.send_test(session, webhook, world.ines.id, now()).id
    assert deliver(delivering)
    assert course.delivery().state == "given_up"


def test_a_redelivery_has_the_same_id_and_body(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database, world: World
):
    assert deliver(delivering)
    with database.writing() as session:
        queueing.redeliver(
            session, session.get_one(WebhookDelivery, course.delivery_id), world.ines.id, now()
        )
    assert course.delivery().state == "waiting"
    assert deliver(delivering)
    first, second = endpoint.asked
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert len(course.attempts()) == 2


def test_what_an_endpoint_answers_is_kept_within_bounds(
    course: Course, delivering: Delivering, endpoint: StandIn
):
    endpoint.answer = lambda asked: (200, {}, b"\x00" + b"x" * 100_000)
    assert deliver(delivering)
    (attempt,) = course.attempts()
    assert len(str(attempt.answer)) == MAX_ANSWER_BYTES - 1


def test_an_endpoint_may_be_removed_while_something_is_on_its_way(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database, world: World
):
    act = delivering.take()
    with database.writing() as session:
        endpoints.remove(session, session.get_one(Webhook, course.webhook_id), world.ines.id)
    assert act is not None
    act()
    assert course.attempts() == []
    assert not deliver(delivering)


def test_couriers_at_work_at_once_send_each_delivery_once(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database
):
    with database.writing() as session:
        webhook = session.get_one(Webhook, course.webhook_id)
        expected = {make_delivery(session, webhook).public_id for _ in range(15)}
    expected.add(course.delivery().public_id)

    def work(_: int) -> None:
        while deliver(delivering):
            pass

    with ThreadPoolExecutor(4) as couriers:
        list(couriers.map(work, range(4)))
    sent = [asked.headers["webhook-id"] for asked in endpoint.asked]
    assert sorted(sent) == sorted(expected)


def test_the_one_that_waits_longest_goes_first(
    course: Course, delivering: Delivering, endpoint: StandIn, database: Database
):
    def add(at: datetime) -> str:
        with database.writing() as session:
            webhook = session.get_one(Webhook, course.webhook_id)
            return str(make_delivery(session, webhook, next_try_at=at).public_id)

    expected = [add(now() - timedelta(seconds=late_s)) for late_s in (30, 20, 10)]
    add(now() + timedelta(hours=1))
    while deliver(delivering):
        pass
    found = [asked.headers["webhook-id"] for asked in endpoint.asked]
    assert found == [*expected, course.delivery().public_id]
