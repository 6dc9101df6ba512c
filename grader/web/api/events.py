"""Live progress as server-sent events: one thread of the server each, for less than a minute."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import cast

from flask import Response, current_app
from flask.blueprints import BlueprintSetupState

from grader.web.access import require_submission
from grader.web.api import blueprint
from grader.web.api.admission import arguments
from grader.web.api.live_events import Event, Follower
from grader.web.api.streams import Pace, Streams
from grader.web.pages.audience import allowed_to
from grader.web.service import EXTENSION, service

STREAMS = "grader-streams"
RETRY_MS = 1000
SHARE_OF_THREADS = 2  # streams may hold every second thread of the server
HEADERS = {"X-Accel-Buffering": "no"}  # else nginx keeps events back until it has many


@blueprint.record
def _install(state: BlueprintSetupState) -> None:
    threads = state.app.extensions[EXTENSION].settings.web_threads
    state.app.extensions[STREAMS] = Streams(total=max(1, threads // SHARE_OF_THREADS))


@blueprint.get("/submissions/<public_id>/events")
def follow_submission(public_id: str) -> Response:
    """Send what happens to the submission, as it happens."""
    access = require_submission(public_id)
    streams = cast(Streams, current_app.extensions[STREAMS])
    follower = Follower(
        service().database,
        access.submission.id,
        allowed_to(access),
        arguments()["Last-Event-ID"],
        streams.pace.queue_look_s,
    )
    close = streams.open(access.user.id)
    answer = Response(_stream(follower, streams.pace), mimetype="text/event-stream", headers=HEADERS)
    answer.call_on_close(close)  # also when the stream was never begun
    return answer


def _stream(follower: Follower, pace: Pace) -> Iterator[str]:
    """Yield the text of the stream until it is over or has lasted long enough."""
    yield f"retry: {RETRY_MS}\n\n"
    ends_s = time.monotonic() + pace.life_s
    spoke_s = time.monotonic()
    while True:
        for event in follower.look():
            yield _text(event)
            spoke_s = time.monotonic()
        at_s = time.monotonic()
        if at_s - spoke_s >= pace.heartbeat_s:
            yield ": still here\n\n"
            spoke_s = at_s
        if follower.is_over or at_s >= ends_s:
            return
        time.sleep(pace.look_s)


def _text(event: Event) -> str:
    name = "" if event.id is None else f"id: {event.id}\n"
    return f"{name}event: {event.kind}\ndata: {json.dumps(event.data, allow_nan=False)}\n\n"
