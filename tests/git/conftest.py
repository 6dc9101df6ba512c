"""The service with repositories, without a worker, and the cast; on SQLite, which decides nothing here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.db.database import Database
from tests.api.conftest import database, empty_service
from tests.git.client import Workplace
from tests.git.site import Site, running_site
from tests.people import World, make_world

__all__ = ["database", "empty_service"]


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    with running_site(database, tmp_path) as running:
        yield running


@pytest.fixture
def ada(site: Site, world: World) -> Workplace:
    """Ada's computer, on which nothing is committed yet."""
    return site.workplace(world.ada)
