"""/metrics for Prometheus: what `grader.service.measurements` reads from the database, and request times."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from werkzeug.exceptions import NotFound

from grader.db.database import Database
from grader.service.measurements import ServiceCollector
from grader.web.service import service

EXTENSION = "grader-metrics"
REQUESTS = "grader-metrics-requests"
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FORWARDING_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def show() -> Response:
    """Answer whoever knows the token; if none is set, whoever asks from this machine."""
    token = service().settings.metrics_token
    if token and not _knows(token):
        return Response("A bearer token is needed.\n", 401, {"WWW-Authenticate": "Bearer"})
    if not token and not _asks_from_this_machine():
        raise NotFound
    registry: CollectorRegistry = current_app.extensions[EXTENSION]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_1_0_0)


def install(app: Flask, database: Database) -> None:
    """Give the app its metrics."""
    registry = CollectorRegistry()
    registry.register(ServiceCollector(database))
    ProcessCollector(registry=registry)
    app.extensions[EXTENSION] = registry
    app.extensions[REQUESTS] = Histogram(
        "grader_request_seconds",
        "Time until the answer to a request began.",
        ["endpoint", "method", "status"],
        buckets=REQUEST_S,
        registry=registry,
    )


def observe_request(endpoint: str | None, method: str, status: int, duration_s: float) -> None:
    """Count a request that was answered after `duration_s` seconds."""
    requests: Histogram = current_app.extensions[REQUESTS]
    requests.labels(endpoint or "none", method, f"{status // 100}xx").observe(duration_s)


def _knows(token: str) -> bool:
    given = request.authorization
    said = given.token if given is not None and given.type == "bearer" else None
    return hmac.compare_digest((said or "").encode(), token.encode())


def _asks_from_this_machine() -> bool:
    """Whether the asker is on this machine; what a proxy hands on is not, wherever the proxy runs."""
    if any(name in request.headers for name in FORWARDING_HEADERS):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
