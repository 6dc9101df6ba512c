"""What a session's cookie is, how long it is good, and what makes it worthless."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import User
from grader.errors import SettingsError
from grader.secret_key import secret_key
from grader.settings import Settings
from grader.web.app import create_app
from grader.web.identity import SESSION_LIFETIME
from tests.people import PASSWORD, World, password_hash
from tests.web.conftest import ClientOf, WaitingQueue
from tests.web.forms import submit


def cookies_of_sign_in(app: Flask, database: Database, world: World, base_url: str) -> list[str]:
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    form = {"email": "ada@example.org", "password": PASSWORD}
    return app.test_client().post("/sign-in", data=form, base_url=base_url).headers.getlist("Set-Cookie")


def test_cookies_are_for_this_site_and_not_for_scripts(app: Flask, database: Database, world: World):
    cookies = cookies_of_sign_in(app, database, world, "http://localhost")
    assert {cookie.split("=")[0] for cookie in cookies} == {"session", "device"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie


def test_with_https_cookies_are_sent_over_https_only(settings: Settings, database: Database, world: World):
    app = create_app(replace(settings, public_url="https://grader.example.org"), database, WaitingQueue())
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    cookies = cookies_of_sign_in(app, database, world, "https://grader.example.org")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-session", "__Host-device"}
    for cookie in cookies:
        assert "Secure" in cookie
        assert "Domain" not in cookie


def session_of(app: Flask, person: User, **changes: object):
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update({"user": person.id, "version": 1, "since": now().timestamp(), **changes})
    return browser.get("/account").status_code


def test_a_session_ends_after_a_week_however_it_was_used(app: Flask, world: World):
    almost = now() - SESSION_LIFETIME + timedelta(minutes=1)
    assert session_of(app, world.ada, since=almost.timestamp()) == 200
    assert session_of(app, world.ada, since=(almost - timedelta(minutes=2)).timestamp()) == 303


def test_a_session_of_an_older_version_is_worthless(app: Flask, database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.ada.id).session_version = 2
    assert session_of(app, world.ada) == 303
    assert session_of(app, world.ada, version=2) == 200


def test_a_closed_account_has_no_session(app: Flask, database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.ada.id).is_active = False
    assert session_of(app, world.ada) == 303


def test_ending_all_sessions_keeps_this_one(client_of: ClientOf, world: World):
    here, elsewhere = client_of(world.ada), client_of(world.ada)
    submit(here, "/account", "/account/sessions/end")
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_a_cookie_signed_with_another_key_is_worthless(client_of: ClientOf, app: Flask, world: World):
    browser = client_of(world.ada)
    app.config["SECRET_KEY"] = "another key, as long as it should be"
    assert browser.get("/account").status_code == 303


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "new")
    first = secret_key(settings)
    assert len(first) >= 32
    assert secret_key(settings) == first
    assert (tmp_path / "new/secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret_key"]
    assert secret_key(Settings(data_dir=tmp_path / "other")) != first


def test_a_key_of_ones_own_must_be_long(tmp_path: Path):
    assert secret_key(Settings(data_dir=tmp_path, secret_key="k" * 32)) == "k" * 32
    with pytest.raises(SettingsError, match="32 characters"):
        secret_key(Settings(data_dir=tmp_path, secret_key="k" * 31))
