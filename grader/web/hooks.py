"""What hosts of repositories call when somebody pushes. They prove by signature who they are."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from grader.pushes.receiving import receive
from grader.sealing import sealer_of
from grader.web.limits import limiter
from grader.web.service import service

PER_MINUTE = "240 per minute"  # to one link from one address; hosts share their addresses among many links

blueprint = Blueprint("hooks", __name__)


def _caller() -> str:
    return f"{(request.view_args or {}).get('hook')} {request.remote_addr}"


@blueprint.post("/hooks/<hook>")
@limiter.limit(PER_MINUTE, key_func=_caller)
def take_push(hook: str) -> tuple[Response, int]:
    """Answer at once; a worker fetches and hands in."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    settings = service().settings
    reply = receive(
        service().database,
        sealer_of(settings),
        settings.uploads_per_minute,
        hook,
        headers,
        request.get_data(),
    )
    return jsonify(result=reply.result, text=reply.text), reply.status
