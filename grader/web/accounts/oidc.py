"""Signing in at an OpenID Connect provider, and connecting one's account with the account there.

Authorization code flow with PKCE, state and nonce, by Authlib. Whom the answer belongs to is decided in
`grader.accounts.identities`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import (
    Flask,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from joserfc.errors import JoseError
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.accounts.identities import (
    Claims,
    IdentityRefused,
    connect_identity,
    sign_in_by_identity,
)
from grader.errors import SettingsError
from grader.settings import Settings
from grader.web.access import require_user
from grader.web.accounts import blueprint
from grader.web.accounts.next_page import own_page
from grader.web.identity import current_identity, start_session
from grader.web.service import service

EXTENSION = "grader.oidc"
TIMEOUT_S = 10
LOOPBACK = ("127.0.0.1", "localhost", "::1")
AFTER, CONNECT = "oidc_after", "oidc_connect"  # in the session, while the person is at the provider
FAILED = "Signing in there did not work. Please try again; if it fails again, tell the staff of your course."

log = structlog.get_logger("grader.web")


class ProviderError(Exception):
    """The provider's answer is not one to be believed."""


def install(app: Flask, settings: Settings) -> None:
    """Prepare the sign-in with the provider of the settings, if there is one; asks it nothing yet."""
    if not settings.oidc_issuer:
        return
    address = urlsplit(settings.oidc_issuer)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        raise SettingsError("oidc_issuer: expected an address that begins with https://")
    if not settings.oidc_client_id:
        raise SettingsError("oidc_client_id: needed with oidc_issuer")
    providers: Any = OAuth(app)
    app.extensions[EXTENSION] = providers.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
        },
    )


@blueprint.get("/oidc/start")
def oidc_start() -> Response:
    """Send the person to the provider, to come back signed in; whoever is signed in already need not go."""
    provider, after = _provider(), own_page(request.args.get("next"))
    if current_identity() is not None:
        return redirect(after, code=303)
    return _to_provider(provider, after, connects=None)


@blueprint.post("/oidc/connect")
def connect_accounts() -> Response:
    """Lead the person to the provider, to come back with the two accounts connected.

    A page in between does that: browsers let a form lead nowhere but here (form-action of `security`).
    """
    provider, user = _provider(), require_user()
    answer = _to_provider(provider, url_for("accounts.account"), connects=user.id)
    if urlsplit(answer.location).netloc == "":
        return answer  # it failed, and leads to a page that says so
    label = service().settings.oidc_label
    return make_response(render_template("accounts/to_provider.html", address=answer.location, label=label))


def _to_provider(provider: Any, after: str, connects: int | None) -> Response:
    session[AFTER], session[CONNECT] = after, connects
    back = service().settings.public_url + url_for("accounts.oidc_callback")
    try:
        response: Response = provider.authorize_redirect(back)
    except (AuthlibBaseError, requests.RequestException, RuntimeError, ValueError) as error:
        return _failed(error)
    return response


@blueprint.get("/oidc/callback")
def oidc_callback() -> Response:
    """Take the person back from the provider: check its answer, find their account, sign them in."""
    after, connects = own_page(session.pop(AFTER, None)), session.pop(CONNECT, None)
    try:
        claims = _claims(_provider())
    except (
        AuthlibBaseError,
        JoseError,
        ProviderError,
        requests.RequestException,
        RuntimeError,
        ValueError,
    ) as error:
        return _failed(error)
    identity = current_identity()
    if identity is not None and identity.user.id != connects:
        return redirect(after, code=303)  # signed in meanwhile, in another window
    with service().database.writing() as database_session:
        if identity is not None:
            answer = connect_identity(database_session, identity.user.id, claims)
        else:
            answer = sign_in_by_identity(database_session, claims)
    if isinstance(answer, IdentityRefused):
        return _back(answer.text)
    start_session(answer)
    return redirect(after, code=303)


def _claims(provider: Any) -> Claims:
    """Return what the provider says of the person; signature, issuer, audience and nonce are checked."""
    configured = service().settings.oidc_issuer
    issuer = provider.load_server_metadata().get("issuer")
    if not issuer or issuer.rstrip("/") != configured.rstrip("/"):
        raise ProviderError("the provider's metadata name another issuer")
    token = provider.authorize_access_token(
        claims_options={
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": provider.client_id},
        }
    )
    facts = token.get("userinfo")
    if not facts or not facts.get("sub"):
        raise ProviderError("the provider sent no ID token")
    if "email" not in facts and "userinfo_endpoint" in provider.server_metadata:
        more = provider.userinfo(token=token)
        if more.get("sub") != facts["sub"]:
            raise ProviderError("the provider's user information is about someone else")
        facts = {**more, **facts}
    if "\0" in str(facts["sub"]):
        raise ProviderError("the provider's subject holds a NUL")
    return Claims(
        issuer=facts["iss"],
        subject=str(facts["sub"]),
        email=str(facts.get("email") or ""),
        is_email_verified=facts.get("email_verified") in (True, "true"),
        name=str(facts.get("name") or ""),
    )


def _provider() -> Any:
    if EXTENSION not in current_app.extensions:
        raise NotFound
    return current_app.extensions[EXTENSION]


def _failed(error: Exception) -> Response:
    log.warning("oidc_failed", kind=type(error).__name__, error=str(error)[:500])
    return _back(FAILED)


def _back(problem: str) -> Response:
    flash(problem, "error")
    page = "accounts.sign_in" if current_identity() is None else "accounts.account"
    return redirect(url_for(page), code=303)
