"""Webhooks by the API: registered with a secret that is shown once, tried out, renewed, removed."""

import pytest

from grader.db.database import Database
from grader.db.models import Scope, Webhook, WebhookDelivery
from grader.webhooks.endpoints import MAX_PER_COURSE
from tests.api.client import ApiClient, code_of
from tests.api.conftest import ClientOf
from tests.integrations import URL, make_delivery, make_webhook
from tests.people import World

ROOT = "/courses/dl/webhooks"


@pytest.fixture
def ines(client_of: ClientOf, world: World) -> ApiClient:
    """An instructor, with a token for staff's work."""
    return client_of(world.ines, Scope.STAFF)


def post(client: ApiClient, path: str, **form: str):
    options = {"data": form, "content_type": "multipart/form-data"} if form else {}
    return client.post(path, **options)


def test_a_webhook_is_registered_and_its_secret_shown_once(ines: ApiClient, database: Database):
    made = post(ines, ROOT, url=URL)
    assert made.status_code == 201
    said = made.get_json()
    assert (said["url"], said["is_active"], said["failing_since"]) == (URL, True, None)
    assert said["page"] == f"https://grader.example.org/courses/dl/webhooks/{said['id']}"
    (listed,) = ines.get(ROOT).get_json()["items"]
    assert "secret" not in listed
    with database.reading() as session:
        assert said["secret"] not in session.query(Webhook).one().secret


@pytest.mark.parametrize("url", ["http://hooks.example.org/", "https://127.0.0.1/", "https://localhost/"])
def test_an_address_that_is_not_for_us_is_refused(ines: ApiClient, url: str):
    answer = post(ines, ROOT, url=url)
    assert (answer.status_code, code_of(answer)) == (422, "webhook-refused")


def test_a_course_has_only_so_many(ines: ApiClient, database: Database, world: World):
    with database.writing() as session:
        for _ in range(MAX_PER_COURSE):
            make_webhook(session, world.course)
        make_webhook(session, world.other_course)
    assert code_of(post(ines, ROOT, url=URL)) == "webhook-refused"


def test_a_test_is_listed_and_can_be_sent_again(ines: ApiClient, database: Database):
    webhook = post(ines, ROOT, url=URL).get_json()["id"]
    answer = post(ines, f"{ROOT}/{webhook}/test")
    assert answer.status_code == 202
    delivery = answer.get_json()
    assert (delivery["type"], delivery["state"], delivery["submission"]) == ("test", "waiting", None)
    assert ines.get(f"{ROOT}/{webhook}/deliveries?limit=5").get_json()["items"] == [delivery]
    with database.writing() as session:
        row = session.query(WebhookDelivery).one()
        row.next_try_at, row.tries = None, 1
    path = f"{ROOT}/{webhook}/deliveries/{delivery['id']}/redeliver"
    again = post(ines, path).get_json()
    assert (again["id"], again["state"], again["tries"]) == (delivery["id"], "waiting", 0)


def test_a_new_secret_is_another_one(ines: ApiClient):
    made = post(ines, ROOT, url=URL).get_json()
    renewed = post(ines, f"{ROOT}/{made['id']}/secret").get_json()
    assert renewed["secret"].startswith("whsec_")
    assert renewed["secret"] != made["secret"]


def test_a_removed_one_is_gone(ines: ApiClient):
    webhook = post(ines, ROOT, url=URL).get_json()["id"]
    post(ines, f"{ROOT}/{webhook}/test")
    assert post(ines, f"{ROOT}/{webhook}/remove").status_code == 200
    assert ines.get(ROOT).get_json()["items"] == []
    assert post(ines, f"{ROOT}/{webhook}/test").status_code == 404


def test_those_of_another_course_are_not_there(ines: ApiClient, database: Database, world: World):
    with database.writing() as session:
        webhook = make_webhook(session, world.other_course)
        delivery = make_delivery(session, webhook).public_id
        other = webhook.public_id
        own = make_webhook(session, world.course).public_id
    assert ines.get(f"{ROOT}/{other}/deliveries").status_code == 404
    assert post(ines, f"{ROOT}/{own}/deliveries/{delivery}/redeliver").status_code == 404
