"""The pages of webhooks: what may be done to them, what was sent, and what was answered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Webhook, WebhookAttempt, WebhookDelivery
from grader.sealing import sealer_of
from grader.settings import Settings
from grader.webhooks.endpoints import secrets_of
from tests.integrations import URL, make_delivery, make_webhook
from tests.people import World
from tests.web.conftest import ClientOf

ROOT = "/courses/dl/webhooks"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query of these pages depends on it


@pytest.fixture
def ines(client_of: ClientOf, world: World) -> FlaskClient:
    return client_of(world.ines)


@pytest.fixture
def webhook(database: Database, world: World) -> str:
    with database.writing() as session:
        return str(make_webhook(session, world.course).public_id)


def the(database: Database, kind: Any) -> Any:
    with database.reading() as session:
        return session.query(kind).one()


def change(database: Database, kind: Any, **fields: Any) -> None:
    with database.writing() as session:
        for name, value in fields.items():
            setattr(session.query(kind).one(), name, value)


def shown_secret(page: str) -> str:
    found = re.search(r'value="(whsec_[^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_webhook_is_added_and_its_secret_shown_once(
    ines: FlaskClient, database: Database, settings: Settings
):
    answer = ines.post(ROOT, data={"url": f" {URL} "})
    assert answer.status_code == 201
    webhook = the(database, Webhook)
    assert secrets_of(sealer_of(settings), webhook, now()) == [shown_secret(answer.text)]
    for path in (ROOT, f"{ROOT}/{webhook.public_id}"):
        page = ines.get(path).text
        assert URL in page
        assert "whsec_" not in page


@pytest.mark.parametrize(
    "url", ["", "http://hooks.example.org/", "https://127.0.0.1/", "https://[::1]/", "javascript:alert(1)"]
)
def test_an_address_that_is_not_for_us_is_refused_by_the_field(
    ines: FlaskClient, database: Database, url: str
):
    answer = ines.post(ROOT, data={"url": url})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    with database.reading() as session:
        assert session.query(Webhook).count() == 0


def test_a_test_leads_to_its_delivery(ines: FlaskClient, database: Database, webhook: str):
    answer = ines.post(f"{ROOT}/{webhook}/test", follow_redirects=True)
    assert "It has not been tried yet" in answer.text
    assert the(database, WebhookDelivery).public_id in answer.text


def test_a_delivery_shows_request_and_answers(ines: FlaskClient, database: Database, webhook: str):
    with database.writing() as session:
        delivery = make_delivery(session, session.query(Webhook).one(), tries=2, last_status=500)
        for status, error in ((None, "The connection failed."), (500, None)):
            answer = None if status is None else "<script>alert(1)</script>"
            session.add(
                WebhookAttempt(
                    delivery_id=delivery.id,
                    at=now(),
                    signature="v1,abc=",
                    duration_s=0.25,
                    status=status,
                    answer=answer,
                    error=error,
                )
            )
        path = f"{ROOT}/{webhook}/deliveries/{delivery.public_id}"
    page = ines.get(path).text
    for text in ("webhook-signature: v1,abc=", "webhook-id: ", "answered 500", "The connection failed."):
        assert text in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "&#34;type&#34;: &#34;test&#34;" in page


def test_a_delivery_is_sent_once_more(ines: FlaskClient, database: Database, webhook: str):
    with database.writing() as session:
        row = make_delivery(session, session.query(Webhook).one(), next_try_at=None, tries=15)
        path = f"{ROOT}/{webhook}/deliveries/{row.public_id}"
    assert "not delivered" in ines.get(path).text
    assert ines.post(f"{path}/redeliver").status_code == 303
    assert (the(database, WebhookDelivery).state, the(database, WebhookDelivery).tries) == ("waiting", 0)


def test_a_new_secret_takes_the_place_of_the_old_one_a_day_later(
    ines: FlaskClient, database: Database, settings: Settings
):
    first = shown_secret(ines.post(ROOT, data={"url": URL}).text)
    path = f"{ROOT}/{the(database, Webhook).public_id}/secret"
    second = shown_secret(ines.post(path).text)
    sealer = sealer_of(settings)
    assert secrets_of(sealer, the(database, Webhook), now()) == [second, first]


def test_switching_off_gives_up_what_waits_and_on_clears_the_reason(
    ines: FlaskClient, database: Database, webhook: str
):
    with database.writing() as session:
        make_delivery(session, session.query(Webhook).one())
    ines.post(f"{ROOT}/{webhook}/switch", data={"to": "off"})
    assert not the(database, Webhook).is_active
    assert the(database, WebhookDelivery).state == "given_up"
    change(database, Webhook, off_reason="It failed.", failing_since=now())
    ines.post(f"{ROOT}/{webhook}/switch", data={"to": "on"})
    found = the(database, Webhook)
    assert (found.is_active, found.off_reason, found.failing_since) == (True, None, None)


def test_removing_forgets_all_but_that_it_was_there(ines: FlaskClient, database: Database, webhook: str):
    with database.writing() as session:
        make_delivery(session, session.query(Webhook).one())
    assert ines.post(f"{ROOT}/{webhook}/remove", follow_redirects=True).status_code == 200
    with database.reading() as session:
        assert session.query(Webhook).count() == session.query(WebhookDelivery).count() == 0
        (event,) = session.query(AuditEvent).all()
        assert (event.action, event.details["url"]) == ("webhook.remove", URL)


def test_instructors_see_that_one_was_switched_off_and_others_do_not(
    client_of: ClientOf, world: World, database: Database, webhook: str
):
    notice = "was switched off because it could not be reached"
    assert notice not in client_of(world.ines).get("/courses/dl/").text
    change(database, Webhook, is_active=False, off_reason="It failed.")
    assert notice in client_of(world.ines).get("/courses/dl/").text
    assert "It failed." in client_of(world.ines).get(f"{ROOT}/{webhook}").text
    for person in (world.tara, world.ada):
        assert notice not in client_of(person).get("/courses/dl/").text


def test_a_webhook_of_another_course_is_not_there(ines: FlaskClient, database: Database, world: World):
    with database.writing() as session:
        other = make_webhook(session, world.other_course).public_id
    assert ines.get(f"{ROOT}/{other}").status_code == 404
    assert ines.post(f"{ROOT}/{other}/remove").status_code == 404
