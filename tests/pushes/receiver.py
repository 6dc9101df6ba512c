"""A link, and what is received for it."""

from __future__ import annotations

from grader.db.database import Database
from grader.db.models import Push, RepositoryLink
from grader.pushes.receiving import Reply, receive
from tests.integrations import SEALER, make_link
from tests.people import World
from tests.pushes.events import Delivery

PER_MINUTE = 10


class Receiver:
    """A link to a repository at one kind of host, and what was stored for it."""

    def __init__(self, database: Database, world: World, kind: str):
        self.database = database
        with database.writing() as session:
            link = make_link(session, world.unit, world.ada, kind=kind, url="https://host.example/ada/nn")
            self.public_id = link.public_id

    def send(self, delivery: Delivery) -> Reply:
        headers, body = delivery.as_received
        return receive(self.database, SEALER, PER_MINUTE, self.public_id, headers, body)

    def pushes(self) -> list[Push]:
        with self.database.reading() as session:
            return session.query(Push).order_by(Push.id).all()

    def heard(self) -> bool:
        with self.database.reading() as session:
            return session.query(RepositoryLink).one().heard_at is not None
