"""Every request gets an id, a line in the log and its place in the metrics.

The line says which page was asked for, never what was asked: no query string, no form, no header, and of
a link's address not the secret in it. Lines that anything else logs meanwhile carry the same id.
"""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

from grader.web.metrics import observe_request

NEVER_LOGGED = {"health"}  # asked every few seconds, and answers for itself
ONLY_FAILURES_LOGGED = {"assets", "metrics"}
SECRET_IN_PATH = re.compile(r"^(/(?:invitation|password)/).+")

log = structlog.get_logger("grader.web")


def install(app: Flask) -> None:
    """Log the app's requests; to be installed before all that may answer a request by itself."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.log_exception = _log_exception  # type: ignore[method-assign]


def _begin() -> None:
    g.started_s = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    duration_s = time.perf_counter() - g.started_s
    observe_request(request.endpoint, request.method, response.status_code, duration_s)
    response.headers["X-Request-Id"] = g.request_id
    if _is_logged(response.status_code):
        log.info(
            "request",
            method=request.method,
            path=_path(),
            status=response.status_code,
            duration_ms=round(duration_s * 1000, 1),
            address=request.remote_addr,
            **({"submission": submission} if (submission := _submission()) else {}),
        )
    return response


def _is_logged(status: int) -> bool:
    if request.blueprint in NEVER_LOGGED:
        return False
    return status >= 400 or request.blueprint not in ONLY_FAILURES_LOGGED


def _log_exception(exc_info: object) -> None:
    log.error("request_failed", method=request.method, path=_path(), exc_info=exc_info)


def _path() -> str:
    return SECRET_IN_PATH.sub(r"\1hidden", request.path)


def _submission() -> str | None:
    return (request.view_args or {}).get("public_id")
