"""Handing in by the form of the unit's page."""

from __future__ import annotations

import hashlib

from flask import redirect, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from grader.db.models import Source
from grader.errors import RefusedError, RejectedError
from grader.submissions.accept import Upload, accept
from grader.web.access import require_unit
from grader.web.limits import count_upload
from grader.web.pages import blueprint
from grader.web.pages.units import NotTaken, unit_page
from grader.web.service import service
from grader.web.unit_root import root_of

_MAX_KEY_CHARS = 64
_NOTHING_CHOSEN = "No file was chosen. Choose your .zip or .tar.gz and hand in again."


@blueprint.post("/courses/<course>/<unit>/submissions", endpoint="hand_in")
def take_upload(course: str, unit: str) -> Response | tuple[str, int]:
    """Hand in the file `archive`; what is not taken is said on the unit's page, by the form."""
    access = require_unit(course, unit)
    counted = count_upload(access.user.id)
    if not counted.is_within:
        raise TooManyRequests(retry_after=counted.wait_s)
    file = request.files.get("archive")
    if file is None or not file.filename:
        return unit_page(access, NotTaken((("", _NOTHING_CHOSEN),))), 422
    content = file.read()
    try:
        accepted = accept(
            service().database,
            service().queue,
            root_of(access.unit),
            access.unit.id,
            access.user.id,
            Upload(content, file.filename, Source.WEB, _key(content)),
        )
    except RejectedError as error:
        reasons = tuple((rejection.path, rejection.text) for rejection in error.rejections)
        return unit_page(access, NotTaken(reasons)), 422
    except RefusedError as error:
        return unit_page(access, NotTaken((("", str(error)),))), 409
    return redirect(url_for("pages.submission", public_id=accepted.public_id), code=303)


def _key(content: bytes) -> str | None:
    """Return one key per opened form and file: a double click hands in once, another file is another."""
    form_key = request.form.get("key", "")
    if not 0 < len(form_key) <= _MAX_KEY_CHARS:
        return None
    return f"form {form_key} {hashlib.sha256(content).hexdigest()}"
