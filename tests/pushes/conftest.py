"""A host with a repository, a link to it, and the errands that hand in and report."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.db.models import RepositoryLink
from grader.outbound.client import Outbound
from grader.pushes.handing_in import HandingIn
from grader.settings import CHECKOUT, Settings
from tests.databases import database, empty_url, migrated_url
from tests.integrations import KEY, SEALER, make_link, make_push
from tests.people import World, make_world
from tests.pushes.git_host import GitHost, Repository, serving_git
from tests.pushes.receiver import Receiver
from tests.web.conftest import WaitingQueue

__all__ = ["database", "empty_url", "migrated_url"]

Told = Callable[..., int]
NewReceiver = Callable[[str], Receiver]


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


@pytest.fixture
def errand(database: Database, outbound: Outbound, settings: Settings) -> HandingIn:
    return HandingIn(database, WaitingQueue(), outbound, SEALER, settings)


@pytest.fixture
def told(database: Database, link: RepositoryLink) -> Told:
    """Stores a push that we were told of."""

    def tell(before: str, commit: str) -> int:
        with database.writing() as session:
            return int(make_push(session, session.get_one(RepositoryLink, link.id), before, commit).id)

    return tell


@pytest.fixture
def receiver_of(database: Database, world: World) -> NewReceiver:
    return lambda kind: Receiver(database, world, kind)
