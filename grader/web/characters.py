"""What no request may hold, because no database could: a NUL in a text, a number beyond any row.

It is looked for where requests come in, so that no page and no query has to think of it. The API says which
parameter it was, in `contract`, git's texts are in its own protocol, and what hosts send is signed as it
stands, so it must not be read as a form: only addresses count there.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.routing import IntegerConverter, Map

from grader.web.identity import BY_TOKEN_ALONE

NUL = "\0"
WITHOUT_FORMS = (*BY_TOKEN_ALONE, "hooks")  # blueprints that read what they are sent by themselves
MAX_ROW_ID = 2**31 - 1


class RowIdConverter(IntegerConverter):
    """`<int:…>` in addresses: the id of a row; a larger number leads nowhere."""

    def __init__(self, map: Map, **arguments: Any):
        super().__init__(map, **{"max": MAX_ROW_ID, **arguments})


def install(app: Flask) -> None:
    """Refuse such requests; to be installed before routes are added, and after what limits bodies."""
    app.url_map.converters["int"] = RowIdConverter
    app.before_request(_refuse)


def _refuse() -> None:
    if NUL in request.path:
        raise NotFound
    if request.blueprint in WITHOUT_FORMS:
        return
    if _holds_nul(request.args) or _holds_nul(request.form):
        raise BadRequest
    if any(NUL in (file.filename or "") for file in request.files.values()):
        raise BadRequest


def _holds_nul(fields: Any) -> bool:
    return any(NUL in text for name, text in fields.items(multi=True)) or any(NUL in name for name in fields)
