"""A real OpenID Connect provider on this machine, by Authlib's server side.

Whoever it is asked about is `person`, signed in there already. `faults` makes it lie, each in one way:
see `FAULTS`.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "grader", "a secret between the two"
FAULTS = {  # how it lies, and what our side must object to
    "wrong nonce": "Invalid claim: 'nonce'",  # the ID token answers another request
    "wrong audience": "Invalid claim: 'aud'",  # it is for another service, though it names us as its user
    "wrong issuer": "Invalid claim: 'iss'",
    "wrong key": "bad_signature",
    "expired": "expired",
    "no signature": "Algorithm of 'none' is not allowed",
    "no ID token": "no ID token",
    "another issuer's metadata": "metadata name another issuer",
    "someone else's information": "about someone else",  # the user information has another subject
}


@dataclass
class Provider:
    """A running provider: its address, who is signed in there, and how it lies."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    in_id_token: tuple[str, ...] = ("name", "email", "email_verified")
    codes: dict[str, Code] = field(default_factory=dict)
    authorizations: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Code(AuthorizationCodeMixin):
    """An authorization code and what it was given for."""

    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Client(ClientMixin):
    """The one client that the provider knows."""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/oidc/callback")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider on a free port of this machine."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, _app(provider), threaded=True)
    provider.issuer = f"http://localhost:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _app(provider: Provider) -> Flask:
    app = Flask("oidc_provider")
    key, other_key = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))
    server = AuthorizationServer(app, lambda client_id: Client() if client_id == CLIENT_ID else None, _forget)
    server.register_grant(_code_grant(provider), [_IdToken(provider, key, other_key), CodeChallenge()])

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Response:
        issuer = provider.issuer
        return jsonify(
            issuer="http://localhost:1" if "another issuer's metadata" in provider.faults else issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/jwks",
            userinfo_endpoint=f"{issuer}/userinfo",
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify(keys=[key.as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        provider.authorizations.append(request.args.to_dict())
        grant = server.get_consent_grant(end_user=provider.person)
        return server.create_authorization_response(grant_user=provider.person, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/userinfo")
    def userinfo() -> Response:
        other = {"sub": "someone else"} if "someone else's information" in provider.faults else {}
        return jsonify({**provider.person, **other})

    return app


def _forget(token: dict[str, Any], request: Any) -> None:
    """Keep no token: nobody asks for it again."""


def _code_grant(provider: Provider) -> type[grants.AuthorizationCodeGrant]:
    class CodeGrant(grants.AuthorizationCodeGrant):
        def save_authorization_code(self, code: str, request: Any) -> None:
            asked = request.payload.data
            provider.codes[code] = Code(
                request.payload.redirect_uri,
                request.payload.scope,
                asked["nonce"],
                asked["code_challenge"],
                asked["code_challenge_method"],
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: Code) -> None:
            provider.codes = {text: kept for text, kept in provider.codes.items() if kept is not code}

        def authenticate_user(self, code: Code) -> dict[str, Any]:
            return provider.person

    return CodeGrant


class _IdToken(OpenIDCode):
    """Signs the ID token, rightly or with one of the faults."""

    def __init__(self, provider: Provider, key: RSAKey, other_key: RSAKey):
        super().__init__(require_nonce=True)
        self.provider, self.key, self.other_key = provider, key, other_key

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return any(code.nonce == nonce for code in self.provider.codes.values())

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self.other_key if "wrong key" in self.provider.faults else self.key

    def get_client_algorithm(self, client: Client) -> str:
        return "RS256"

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": "RS256", "kid": self.key.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        faults = self.provider.faults
        return {
            "iss": "http://localhost:1" if "wrong issuer" in faults else self.provider.issuer,
            "aud": ["someone-else"] if "wrong audience" in faults else [CLIENT_ID],
            **({"azp": CLIENT_ID} if "wrong audience" in faults else {}),
            **({"iat": 1_700_000_000, "exp": 1_700_000_600} if "expired" in faults else {}),
        }

    def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
        facts = {name: user[name] for name in ("sub", *self.provider.in_id_token) if name in user}
        return UserInfo({**facts, **({"nonce": "other"} if "wrong nonce" in self.provider.faults else {})})

    def process_token(self, grant: Any, response: Any) -> dict[str, Any]:
        token: dict[str, Any] = super().process_token(grant, response)
        if "no ID token" in self.provider.faults:
            del token["id_token"]
        if "no signature" in self.provider.faults:
            _, claims, _ = token["id_token"].split(".")
            header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            token["id_token"] = f"{header}.{claims}."
        return token
