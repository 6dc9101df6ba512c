"""An endpoint is removed while others write about it: the second one waits, and nobody fails (PostgreSQL)."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import GradingRun, Webhook, WebhookDelivery
from grader.jobs.announcing import announce
from grader.outbound.client import Outbound
from grader.webhooks import endpoints
from grader.webhooks.delivering import Delivering
from tests.cast import half_done
from tests.integrations import SEALER, make_webhook
from tests.jobs.workers import wait_until
from tests.people import World, make_run, make_submission
from tests.webhooks.conftest import PUBLIC_URL

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")


class Scene:
    """A course's endpoint, and a grade of which it is to be told."""

    def __init__(self, database: Database, world: World):
        self.database = database
        self.world = world
        with database.writing() as session:
            self.webhook = make_webhook(session, world.course)
            self.run_id = make_run(session, make_submission(session, world.unit, world.ada), half_done()).id

    def publish(self, session: Session) -> None:
        announce(session, session.get_one(GradingRun, self.run_id, with_for_update=True))
        session.flush()

    def remove(self, session: Session) -> None:
        found = endpoints.find(session, self.world.course.id, self.webhook.public_id, to_remove=True)
        assert found is not None
        endpoints.remove(session, found, self.world.ines.id)
        session.flush()

    def switch_off(self, session: Session) -> None:
        found = endpoints.find(session, self.world.course.id, self.webhook.public_id)
        assert found is not None
        endpoints.switch_off(session, found, self.world.ines.id)
        session.flush()

    def left(self) -> tuple[int, int]:
        with self.database.reading() as session:
            return session.query(Webhook).count(), session.query(WebhookDelivery).count()


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    return Scene(database, world)


def one_waits_for_the_other(
    database: Database, first: Callable[[Session], None], second: Callable[[Session], None]
) -> None:
    went_wrong: list[BaseException] = []

    def run() -> None:
        try:
            with database.writing() as session:
                second(session)
        except BaseException as error:
            went_wrong.append(error)

    thread = threading.Thread(target=run)
    writing: AbstractContextManager[Session] = database.writing()
    try:
        with writing as session, database.engine.connect() as onlooker:
            first(session)
            thread.start()
            wait_until(lambda: onlooker.scalar(WAITING) or not thread.is_alive(), "the second one waits")
            assert thread.is_alive(), "the second one has not waited"
    finally:
        thread.join()
    assert went_wrong == []


def test_a_grade_that_is_being_published_is_told_of_before_the_endpoint_goes(scene: Scene):
    one_waits_for_the_other(scene.database, scene.publish, scene.remove)
    assert scene.left() == (0, 0)


def test_a_grade_is_published_though_its_endpoint_is_being_removed(scene: Scene):
    one_waits_for_the_other(scene.database, scene.remove, scene.publish)
    assert scene.left() == (0, 0)


def test_other_changes_of_an_endpoint_keep_no_grade_waiting(scene: Scene):
    with scene.database.writing() as changing, scene.database.writing() as publishing:
        scene.switch_off(changing)
        publishing.execute(sa.text("SET LOCAL lock_timeout = '1ms'"))
        scene.publish(publishing)
    assert scene.left() == (1, 1)


def test_what_became_of_a_delivery_is_not_written_down_if_its_endpoint_goes(database: Database, world: World):
    scene = Scene(database, world)
    with database.writing() as session:
        scene.publish(session)
    delivering = Delivering(database, Outbound(resolve=lambda host, port: []), SEALER, PUBLIC_URL)
    act = delivering.take()
    assert act is not None
    one_waits_for_the_other(database, scene.remove, lambda session: act())
    assert scene.left() == (0, 0)
