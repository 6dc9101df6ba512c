"""Connecting one's account with the one at a provider: a form that leads there, as browsers allow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from grader.web.accounts import oidc
from grader.web.service import EXTENSION
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.people import World
from tests.web.oidc import ADA
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider


@pytest.fixture
def provider(site: Site) -> Iterator[Provider]:
    with running_provider() as running:
        running.person = ADA
        settings = replace(
            site.settings,
            public_url=site.address,
            oidc_issuer=running.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
        )
        oidc.install(site.app, settings)
        site.app.extensions[EXTENSION] = replace(site.app.extensions[EXTENSION], settings=settings)
        yield running


@pytest.mark.parametrize("with_scripts", [True, False])
def test_one_press_leads_there_and_back(visit: Visit, world: World, provider: Provider, with_scripts: bool):
    page = visit(world.ada, "/account", java_script_enabled=with_scripts)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("It is connected: you can sign in with it.")).to_be_visible()
    assert page.url.endswith("/account")
