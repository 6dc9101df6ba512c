"""Putting the web together: one function that makes the WSGI app."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import grader.web.accounts
import grader.web.api
import grader.web.git
import grader.web.health
import grader.web.hooks
import grader.web.integrations
import grader.web.metrics
import grader.web.pages
import grader.web.staff
from grader.db.database import Database
from grader.secret_key import secret_key
from grader.settings import Settings
from grader.web import (
    assets,
    bodies,
    characters,
    errors,
    local_moments,
    metrics,
    moments,
    request_log,
    security,
)
from grader.web import service as services
from grader.web.accounts import oidc
from grader.web.identity import SESSION_LIFETIME, current_identity
from grader.web.limits import limiter
from grader.web.words import count

BLUEPRINTS = (
    grader.web.accounts.blueprint,
    grader.web.pages.blueprint,
    grader.web.staff.blueprint,
    grader.web.api.blueprint,
    grader.web.integrations.blueprint,
    grader.web.hooks.blueprint,
    grader.web.git.blueprint,
    grader.web.health.blueprint,
    grader.web.metrics.blueprint,
)


def create_app(settings: Settings, database: Database, queue: services.Queue) -> Flask:
    """Return the WSGI app of one installation; its database must have the newest schema."""
    is_https = settings.public_url.startswith("https://")
    app = Flask("grader.web", static_folder=None)
    app.config.update(_configuration(settings, is_https))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    services.install(app, services.Service(settings, database, queue))
    metrics.install(app, database)
    request_log.install(app)  # first, so that it sees every answer
    bodies.install(app)
    characters.install(app)
    security.install(app, is_https)
    limiter.init_app(app)
    assets.install(app)
    errors.install(app)
    oidc.install(app, settings)
    moments.install(app)
    local_moments.install(app)
    app.jinja_env.filters["counted"] = count
    app.context_processor(_for_templates)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for blueprint in (grader.web.api.blueprint, grader.web.git.blueprint, grader.web.hooks.blueprint):
        security.csrf.exempt(blueprint)  # they count no cookie: see identity.py
    return app


def _configuration(settings: Settings, is_https: bool) -> dict[str, Any]:
    return {
        "SECRET_KEY": secret_key(settings),
        "PERMANENT_SESSION_LIFETIME": SESSION_LIFETIME,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "SESSION_COOKIE_NAME": "__Host-session" if is_https else "session",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: people keep pages open
    }


def _for_templates() -> dict[str, Any]:
    identity = current_identity()
    return {"signed_in": None if identity is None else identity.user}
