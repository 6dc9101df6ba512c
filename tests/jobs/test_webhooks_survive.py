"""kill -9 between a grade and its telling loses nothing: another worker tells it."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from grader.db.base import now
from grader.db.models import RunState, Webhook, WebhookDelivery
from grader.sealing import sealer_of
from grader.settings import Settings
from grader.webhooks.endpoints import PURPOSE
from grader.webhooks.signing import new_secret
from tests.integrations import make_webhook
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import wait_until
from tests.outbound.stand_in import Asked, StandIn, standing_in


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with standing_in() as endpoint:
        monkeypatch.setenv("GRADER_OUTBOUND_PRIVATE_ORIGINS", endpoint.origin)
        yield endpoint


@pytest.fixture
def webhook_id(service: Service, endpoint: StandIn, tmp_path: Path) -> int:
    sealer = sealer_of(Settings(data_dir=tmp_path))  # the worker's own
    with service.database.writing() as session:
        sealed = sealer.seal(new_secret(), PURPOSE)
        return make_webhook(session, service.world.course, url=f"{endpoint.origin}/in", secret=sealed).id


def delivery(service: Service) -> WebhookDelivery:
    with service.database.reading() as session:
        return session.query(WebhookDelivery).one()


def let_rest(service: Service, webhook_id: int, rests: bool) -> None:
    with service.database.writing() as session:
        webhook = session.get_one(Webhook, webhook_id)
        webhook.paused_until = now() + timedelta(days=1) if rests else None


def test_killed_after_publishing_and_before_sending(
    service: Service, new_worker: NewWorker, endpoint: StandIn, webhook_id: int
):
    let_rest(service, webhook_id, True)
    killed = new_worker()
    run_id = service.hand_in()
    service.wait_for(run_id, RunState.GRADED)
    killed.kill()
    assert delivery(service).state == "waiting"
    assert endpoint.asked == []
    let_rest(service, webhook_id, False)
    new_worker()
    wait_until(lambda: delivery(service).state == "delivered", "the grade is told")
    (asked,) = endpoint.asked
    assert json.loads(asked.body)["data"]["submission"] == service.submission(run_id).public_id


def test_killed_while_sending(service: Service, new_worker: NewWorker, endpoint: StandIn, webhook_id: int):
    came, go_on = threading.Event(), threading.Event()

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        came.set()
        go_on.wait(60)
        return 200, {}, b""

    endpoint.answer = answer
    killed = new_worker()
    service.hand_in()
    assert came.wait(120)
    killed.kill()
    go_on.set()
    with service.database.writing() as session:  # time passes
        row = session.query(WebhookDelivery).one()
        assert row.leased_until is not None
        row.leased_until = now()
    new_worker()
    wait_until(lambda: delivery(service).state == "delivered", "the grade is told")
    assert len({asked.headers["webhook-id"] for asked in endpoint.asked}) == 1
