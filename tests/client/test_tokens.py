"""Whose hand-in it is: the token, where it comes from, and what is said if it does not do."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import ApiToken, Scope
from tests.client.conftest import Client, Site
from tests.client.exit_codes import DONE, NOT_AUTHORIZED

MakeWork = Callable[..., Path]


def test_expired(client: Client, site: Site, make_work: MakeWork):
    token = site.token()
    with site.database.writing() as session:
        newest = session.scalars(sa.select(ApiToken).order_by(ApiToken.id.desc()).limit(1)).one()
        newest.expires_at = now() - timedelta(seconds=1)
    ended = client.run(make_work(), "--unit", "nn", "--wait", GRADER_TOKEN=token)
    assert ended.returncode == NOT_AUTHORIZED
    assert "expired" in ended.stderr


def test_mistyped(client: Client, make_work: MakeWork):
    assert client.run(make_work(), "--unit", "nn", GRADER_TOKEN="grd_nonsense").returncode == NOT_AUTHORIZED


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "päss"])
def test_what_no_header_may_hold(client: Client, make_work: MakeWork, token: str):
    assert client.run(make_work(), "--unit", "nn", GRADER_TOKEN=token).returncode == NOT_AUTHORIZED


def test_without_the_scope(client: Client, site: Site, make_work: MakeWork):
    token = site.token(site.world.tara, Scope.STAFF)
    ended = client.run(make_work(), "--unit", "nn", GRADER_TOKEN=token)
    assert ended.returncode == NOT_AUTHORIZED
    assert "scope submit" in ended.stderr


def test_none(client: Client, site: Site, make_work: MakeWork):
    ended = client.run(make_work(), "--unit", "nn", GRADER_TOKEN="")
    assert ended.returncode == NOT_AUTHORIZED
    assert f"{site.address}/account" in ended.stderr


def test_from_the_keyring_of_that_server(client: Client, site: Site, make_work: MakeWork, tmp_path: Path):
    """A stand-in for the package keyring: this machine has no desktop to keep secrets."""
    package = tmp_path / "packages" / "keyring"
    package.mkdir(parents=True)
    secrets = {("grader", site.address): site.token()}
    (package / "__init__.py").write_text(f"get_password = lambda *place: {secrets!r}.get(place)\n")
    (package / "errors.py").write_text("class KeyringError(Exception): pass\n")
    found = client.run(make_work(), "--unit", "nn", GRADER_TOKEN="", PYTHONPATH=str(package.parent))
    assert found.returncode == DONE, found.stderr
    (package / "__init__.py").write_text(
        "from keyring.errors import KeyringError\n\n"
        "def get_password(*place):\n    raise KeyringError('locked')\n"
    )
    locked = client.run(make_work(), "--unit", "nn", GRADER_TOKEN="", PYTHONPATH=str(package.parent))
    assert locked.returncode == NOT_AUTHORIZED
