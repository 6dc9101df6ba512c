"""What every answer tells browsers to protect its reader."""

import re
from dataclasses import replace

import pytest
from flask import request

from grader.db.database import Database
from grader.settings import Settings
from grader.web.app import create_app
from tests.people import World
from tests.web.conftest import ClientOf, WaitingQueue

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
PAGES = ("/", "/sign-in", "/account", "/courses/dl/people", "/nothing", "/invitation/none")


@pytest.mark.parametrize("path", [*PAGES, "/assets/site.css"])
def test_every_answer_carries_the_headers(client_of: ClientOf, world: World, path: str):
    with client_of(world.ines).get(path) as answer:
        headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nothing_that_the_policy_forbids(client_of: ClientOf, world: World, path: str):
    page = client_of(world.ines if path != "/sign-in" else None).get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=\"/assets/)", page)


def test_pages_are_kept_by_nobody_and_assets_for_long(client_of: ClientOf, world: World):
    browser = client_of(world.ada)
    page = browser.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    for path in re.findall(r'"(/assets/[^"]+)"', page.text):
        with browser.get(path) as answer:
            assert answer.status_code == 200, path
            assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_with_https_browsers_are_told_to_keep_to_it(settings: Settings, database: Database, world: World):
    app = create_app(replace(settings, public_url="https://grader.example.org"), database, WaitingQueue())
    answer = app.test_client().get("/sign-in", base_url="https://grader.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_forwarded_addresses_are_believed_only_as_often_as_there_are_proxies(
    settings: Settings, database: Database, world: World
):
    seen = {}
    for proxies in (0, 1):
        app = create_app(replace(settings, trusted_proxies=proxies), database, WaitingQueue())

        @app.get("/address")
        def address() -> str:
            return request.remote_addr or ""

        claimed = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
        seen[proxies] = app.test_client().get("/address", headers=claimed).text
    assert seen == {0: "127.0.0.1", 1: "192.0.2.7"}
