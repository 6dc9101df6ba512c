"""A host with a repository, a link to it, and the errands that hand in and report."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.db.models import RepositoryLink
from grader.outbound.client import Outbound
from grader.settings import CHECKOUT, Settings
from tests.databases import database, empty_url, migrated_url
from tests.integrations import KEY, make_link
from tests.people import World, make_world
from tests.pushes.git_host import GitHost, Repository, serving_git

__all__ = ["database", "empty_url", "migrated_url"]


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitHost]:
    root = tmp_path / "host"
    root.mkdir()
    with serving_git(root) as host:
        yield host


@pytest.fixture
def repository(host: GitHost) -> Repository:
    return host.repository()


@pytest.fixture
def outbound(host: GitHost) -> Outbound:
    return Outbound((host.origin,))


@pytest.fixture
def settings(host: GitHost, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        secret_key=KEY,
        units_root=CHECKOUT,
        public_url="https://grader.example.org",
        outbound_private_origins=(host.origin,),
        repository_hosts=(("github", host.origin),),
    )


@pytest.fixture
def link(database: Database, world: World, host: GitHost) -> RepositoryLink:
    with database.writing() as session:
        return make_link(session, world.unit, world.ada, url=f"{host.origin}/ada/nn")
