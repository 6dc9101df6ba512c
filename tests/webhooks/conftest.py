"""Endpoints on loopback that tests listen at, and the errand that sends to them."""

from collections.abc import Iterator

import pytest

from grader.db.database import Database
from grader.outbound.client import Outbound
from grader.webhooks.delivering import Delivering
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.integrations import SEALER
from tests.outbound.stand_in import StandIn, standing_in
from tests.people import World, make_world

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]

PUBLIC_URL = "https://grader.example.org"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with standing_in() as endpoint:
        yield endpoint


@pytest.fixture
def delivering(database: Database, endpoint: StandIn) -> Delivering:
    return Delivering(database, Outbound((endpoint.origin,)), SEALER, PUBLIC_URL)
