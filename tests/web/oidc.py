"""Signing in at the provider of tests/web/oidc_provider.py, as a browser does; import the fixtures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grader.db.database import Database
from grader.db.models import User
from grader.settings import Settings
from tests.web.forms import submit
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

ADA = {"sub": "u-1815", "name": "Ada Byron", "email": "Ada@Example.org", "email_verified": True}
NEW = {"sub": "u-1900", "name": "Nora New", "email": "nora@example.org", "email_verified": True}


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.person, running.faults, running.in_id_token = ADA, set(), ("name", "email", "email_verified")
    running.authorizations.clear()
    return running


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return replace(
        settings,
        public_url="http://localhost",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_label="Example account",
    )


def come_back(browser: FlaskClient, next_page: str = "") -> TestResponse:
    """Go to the provider and come back; return what the callback answers."""
    return browser.get(there_and_back(browser, next_page))


def connect(browser: FlaskClient) -> TestResponse:
    """Press "Connect" on the page of one's account, go to the provider and come back."""
    page = submit(browser, "/account", "/oidc/connect")
    assert page.status_code == 200
    (address,) = set(re.findall(r'href="(http://localhost:[^"]+)"', page.text))
    return browser.get(_and_back(html.unescape(address)))


def who_is_in(browser: FlaskClient) -> str:
    """The name that the pages show; "" for nobody."""
    answer = browser.get("/account")
    return answer.text.partition("<h1>")[2].partition("</h1>")[0] if answer.status_code == 200 else ""


def user_of(database: Database, email: str) -> User | None:
    with database.reading() as session:
        return session.query(User).filter_by(email=email).one_or_none()


def there_and_back(browser: FlaskClient, next_page: str = "") -> str:
    """Go to the provider; return the path that it sends the browser back to."""
    start = browser.get("/oidc/start", query_string={"next": next_page} if next_page else {})
    return _and_back(start.location)


def _and_back(address: str) -> str:
    there = requests.get(address, allow_redirects=False, timeout=10)
    back = urlsplit(there.headers["Location"])
    return f"{back.path}?{back.query}"
