"""Who asks: bearer tokens, and nothing else."""

from datetime import timedelta

import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import ApiToken, Scope, User
from tests.api.client import ApiClient, code_of, new_token
from tests.api.conftest import ClientOf
from tests.people import World


def test_whose_token_it_is(tara: ApiClient, world: World):
    said = tara.get("/me").get_json()
    assert (said["name"], said["email"], said["is_admin"]) == ("Tara Rao", "tara@example.org", False)
    assert set(said["token"]["scopes"]) == {"submit", "staff"}
    assert tara.token is not None
    assert tara.token.startswith(said["token"]["prefix"])
    assert tara.token not in tara.get("/me").text


def test_without_a_token_nothing_is_told(client_of: ClientOf):
    for path in ("/me", "/courses", "/courses/dl/units", "/submissions", "/submissions/234567899999"):
        answer = client_of(None).get(path)
        assert (answer.status_code, code_of(answer)) == (401, "no-token")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="grader"'


def test_a_token_elsewhere_than_in_the_header_does_not_count(ada: ApiClient, client_of: ClientOf):
    nobody = client_of(None)
    assert nobody.get(f"/me?access_token={ada.token}").status_code == 401
    assert nobody.get("/me", headers={"Cookie": f"token={ada.token}"}).status_code == 401
    for scheme in ("Basic", "Token", ""):
        assert nobody.get("/me", headers={"Authorization": f"{scheme} {ada.token}"}).status_code == 401


def test_a_session_of_the_pages_does_not_count(client_of: ClientOf, world: World):
    browser = client_of(None).app.test_client()
    with browser.session_transaction() as session:
        session.update(user=world.ada.id, version=world.ada.session_version, since=now().timestamp())
    assert browser.get("/account").status_code == 200
    assert browser.get("/api/v1/me").status_code == 401


def test_tokens_that_are_not_good(client_of: ClientOf, world: World, database: Database):
    app = client_of(None).app
    expired = new_token(database, world.ada, Scope.SUBMIT, lifetime=timedelta(seconds=-1))
    revoked = new_token(database, world.ada, Scope.SUBMIT)
    with database.writing() as session:
        session.execute(sa.update(ApiToken).where(ApiToken.prefix == revoked[:8]).values(revoked_at=now()))
    for token in (expired, revoked, "gr_" + "x" * 40, "x", "gr_", "é" * 9, "\x01", "a b", "x" * 9000):
        answer = ApiClient(app, token).get("/me")
        assert (answer.status_code, code_of(answer)) == (401, "invalid-token"), token
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_whoever_was_shut_out_is_out_at_once(ada: ApiClient, world: World, database: Database):
    assert ada.get("/me").status_code == 200
    with database.writing() as session:
        session.get_one(User, world.ada.id).is_active = False
    assert ada.get("/me").status_code == 401


def test_the_use_of_a_token_is_noted(ada: ApiClient, database: Database):
    ada.get("/me")
    with database.reading() as session:
        assert session.scalars(sa.select(ApiToken.last_used_at)).one() is not None


def test_the_scheme_s_case_does_not_matter(ada: ApiClient, client_of: ClientOf):
    answer = client_of(None).get("/me", headers={"Authorization": f"bearer {ada.token}"})
    assert answer.status_code == 200
