"""How large a request may be: small, but for hand-ins and for what hosts tell of pushes."""

from __future__ import annotations

from flask import Flask, current_app, request

from grader.submissions.limits import IntakeLimits

MAX_BYTES = 2_000_000  # a course's list comes back in the form that confirms it
FORM_OVERHEAD_BYTES = 1_000_000  # what a form adds to the archive itself
PUSH = "hooks.take_push"
MAX_PUSH_BYTES = 8_000_000  # what hosts tell of a push of two thousand commits
HAND_INS = ("pages.hand_in", "api.create_submission", "staff.upload_tests")


def install(app: Flask) -> None:
    """Hold requests to their size; to be installed before anything that reads forms."""
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BYTES,
        MAX_HAND_IN_BYTES=IntakeLimits().archive_bytes + FORM_OVERHEAD_BYTES,
    )
    app.before_request(_make_room)


def _make_room() -> None:
    if request.endpoint in HAND_INS:
        request.max_content_length = current_app.config["MAX_HAND_IN_BYTES"]
    elif request.endpoint == PUSH:
        request.max_content_length = MAX_PUSH_BYTES
