"""The notebook that was handed in, as inert text and checked pictures."""

from __future__ import annotations

from flask import Response, render_template, request
from werkzeug.exceptions import NotFound

from grader.reading.files import template_of
from grader.reading.notebook import (
    Notebook,
    UnreadableNotebookError,
    notebooks_in,
    picture_in,
    read_notebook,
)
from grader.web.access import require_submission
from grader.web.limits import heavy, many
from grader.web.pages import blueprint
from grader.web.pages.reading import hand_in_of, shared_context, unit_files


@blueprint.get("/submissions/<public_id>/notebook", endpoint="notebook")
@heavy
def show_notebook(public_id: str) -> str:
    """Show the notebook called `file`; by default the first that differs from the template's."""
    access = require_submission(public_id)
    hand_in, template = hand_in_of(access), template_of(unit_files(access))
    paths = notebooks_in(hand_in)
    changed = [path for path in paths if hand_in.content(path) != template.get(path)]
    path = request.args.get("file") or next(iter((*changed, *paths)), None)
    content = None if path is None else hand_in.content(path)
    if path is not None and (content is None or path not in paths):
        raise NotFound
    notebook, problem = _read(content)
    return render_template(
        "pages/notebook.html",
        **shared_context(access),
        path=path,
        paths=paths,
        notebook=notebook,
        problem=hand_in.problem or problem,
        is_unchanged=path is not None and path not in changed,
    )


@blueprint.get("/submissions/<public_id>/notebook/<int:cell>/<int:output>", endpoint="notebook_picture")
@many
def send_picture(public_id: str, cell: int, output: int) -> Response:
    """Send the picture of an output; cells and outputs count from 0."""
    access = require_submission(public_id)
    hand_in, path = hand_in_of(access), request.args.get("file", "")
    content = hand_in.content(path) if path in notebooks_in(hand_in) else None
    picture = None if content is None else picture_in(content, cell, output)
    if picture is None:
        raise NotFound
    response = Response(picture.content, mimetype=picture.media_type)
    response.headers["Cache-Control"] = "private, max-age=3600"  # what was handed in never changes
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _read(content: bytes | None) -> tuple[Notebook | None, str]:
    if content is None:
        return None, ""
    try:
        return read_notebook(content), ""
    except UnreadableNotebookError as error:
        return None, str(error)
