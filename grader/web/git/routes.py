"""The addresses that git asks: what there is, fetching, pushing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import IO, cast

from flask import Response, current_app, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, RequestEntityTooLarge

from grader.db.base import now
from grader.db.models import Scope
from grader.git import backend
from grader.git.deciding import Push, Reception
from grader.git.limits import GitLimits
from grader.git.places import Places
from grader.git.receiving import receive
from grader.git.repositories import incoming_folder, repository_of
from grader.submissions.limits import MIB
from grader.web.access import RepositoryAccess, require_identity, require_repository
from grader.web.git import blueprint
from grader.web.git.answers import Refusal
from grader.web.git.identification import identify
from grader.web.git.pushes import read_push
from grader.web.git.spooling import spool
from grader.web.pages.audience import allowed_to
from grader.web.service import EXTENSION, Service, end_reading, service

RECEPTION = "grader-git"
REPOSITORY = "/<course>/<unit>/<owner>.git"
HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-cache, max-age=0, must-revalidate"}
SILENT_S = 60.0
NO_SCOPE = "This token may not hand in: make one that may, on the page of your account."
NOT_YOURS = "You may fetch this repository, but only its owner can push to it."
NOTHING_YET = "Nothing was pushed to this repository yet."
CROWDED = (
    "Too many are pushing or fetching right now, or you are several times. Please try again in a minute."
)


@blueprint.record
def _install(state: BlueprintSetupState) -> None:
    installed = cast(Service, state.app.extensions[EXTENSION])
    settings = installed.settings
    state.app.extensions[RECEPTION] = Reception(
        installed.database,
        installed.queue,
        settings.units_root,
        settings.data_dir,
        GitLimits(push_bytes=settings.git_push_mib * MIB, repository_bytes=settings.git_repository_mib * MIB),
        Places(settings.git_at_once),
        settings.git_follow_s,
    )


@blueprint.before_request
def _bound_silence() -> None:
    """Let no client that has fallen silent hold a thread for ever; the server takes the bound off again."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SILENT_S)


@blueprint.get(f"{REPOSITORY}/info/refs")
def advertise(course: str, unit: str, owner: str) -> Response:
    """Say which references there are, to begin a push or a fetch."""
    asked = request.args.get("service", "")
    access = _access(course, unit, owner)
    if asked not in (backend.UPLOAD, backend.RECEIVE) or len(request.args) > 1:
        raise BadRequest
    if asked == backend.RECEIVE:
        _demand_pushing(access)
    return _stream(access, _request(access, "info/refs", f"service={asked}"))


@blueprint.post(f"{REPOSITORY}/{backend.UPLOAD}")
def fetch(course: str, unit: str, owner: str) -> Response:
    """Send what a clone or fetch asks for."""
    access = _access(course, unit, owner)
    _demand_type(backend.UPLOAD)
    return _stream(access, _request(access, backend.UPLOAD), has_body=True)


@blueprint.post(f"{REPOSITORY}/{backend.RECEIVE}")
def push(course: str, unit: str, owner: str) -> Response:
    """Receive a push; what it hands in is followed in the answer."""
    access = _access(course, unit, owner)
    _demand_pushing(access)
    _demand_type(backend.RECEIVE)
    reception, give_back = _reception(), _take_place(access)
    try:
        body, asked, refused = read_push(reception.limits, access.user.id)
        received_at = now()  # of the whole push: who sends slowly gains no time
        pieces: Iterator[bytes] = iter(())
        if asked.commands:  # else the client only tries whether it may
            pieces = receive(
                reception,
                Push(
                    _request(access, backend.RECEIVE),
                    body,
                    asked,
                    access.unit.id,
                    access.user.id,
                    received_at,
                    allowed_to(access),
                    service().settings.public_url + url_for("pages.submission", public_id=""),
                    refused,
                ),
            )
    except BaseException:
        give_back()
        raise
    response = _answer(pieces, f"application/x-{backend.RECEIVE}-result", give_back)
    response.call_on_close(body.close)
    return response


@blueprint.route("/<path:anything>", methods=["GET", "POST", "PUT"])
def not_there(anything: str) -> Response:
    """Say of all else that it is not there: files of repositories, the API of Git LFS."""
    raise NotFound


def _access(course: str, unit: str, owner: str) -> RepositoryAccess:
    """Return who asks for whose repository; from here on, the request holds no connection to the database."""
    identify()
    access = require_repository(course, unit, owner)
    end_reading()  # its client may take minutes to send and to read
    return access


def _demand_pushing(access: RepositoryAccess) -> None:
    token = require_identity().token
    if not access.is_owner:
        raise Refusal(Forbidden.code, NOT_YOURS)
    if token is None or Scope.SUBMIT not in token.scopes.split():
        raise Refusal(Forbidden.code, NO_SCOPE)


def _demand_type(action: str) -> None:
    if request.content_type != f"application/x-{action}-request":  # as git itself compares it
        raise BadRequest


def _stream(access: RepositoryAccess, asked: backend.Request, *, has_body: bool = False) -> Response:
    """Return git's own answer as it comes."""
    limits, give_back = _reception().limits, _take_place(access)
    try:
        with _read_fetch(limits) if has_body else nullcontext() as body:
            answer = backend.stream(asked, body, limits)
    except BaseException:
        give_back()
        raise
    response = _answer(answer.pieces, "", give_back)
    response.call_on_close(answer.close)  # also when it was never begun, as for HEAD
    response.status_code = answer.status
    response.headers.update(answer.headers)
    return response


def _read_fetch(limits: GitLimits) -> IO[bytes]:
    body, is_whole = spool(incoming_folder(service().settings.data_dir), limits.fetch_request_bytes)
    if not is_whole:
        body.close()
        raise RequestEntityTooLarge
    return body


def _answer(pieces: Iterator[bytes], content_type: str, give_back: Callable[[], None]) -> Response:
    response = Response(pieces, content_type=content_type, headers=HEADERS)
    response.call_on_close(give_back)  # also when it was never begun
    return response


def _reception() -> Reception:
    return cast(Reception, current_app.extensions[RECEPTION])


def _take_place(access: RepositoryAccess) -> Callable[[], None]:
    give_back = _reception().places.take(access.user.id)
    if give_back is None:
        raise Refusal(503, CROWDED, retry_after_s=30)
    return give_back


def _request(access: RepositoryAccess, action: str, query: str = "") -> backend.Request:
    settings = service().settings
    repository = repository_of(settings.data_dir, access.course.slug, access.unit.slug, access.owner)
    if not (access.is_owner or repository.exists):
        raise Refusal(NotFound.code, NOTHING_YET)
    repository.make()
    return backend.Request(
        repository,
        request.method,
        action,
        query,
        content_type=request.content_type or "",
        protocol=request.headers.get("Git-Protocol", ""),
        user=f"user-{access.user.id}",
        may_push=access.is_owner,
        sees_pins=access.is_staff and not access.is_owner,
    )
