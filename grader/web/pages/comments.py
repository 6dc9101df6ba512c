"""Comments on lines of a submission: staff add them, and edit and remove their own."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.db.models import Comment, Role, Submission
from grader.reading import comments
from grader.reading.files import source_file
from grader.web.access import SubmissionAccess, require_submission
from grader.web.pages import blueprint
from grader.web.pages.reading import hand_in_of
from grader.web.service import service


@blueprint.post("/submissions/<public_id>/comments", endpoint="add_comment")
def add_comment(public_id: str) -> Response:
    """Add a comment on the `line` of the `file`."""
    access = require_submission(public_id, at_least=Role.TA)
    file, line = request.form.get("file", ""), request.form.get("line", 0, type=int)
    text = _text()
    if text is None:
        return _to_code(public_id, file=file or None, line=line, _anchor="comment")
    if not _is_there(access, file, line):
        abort(400)
    with service().database.writing() as session:
        submission = session.get_one(Submission, access.submission.id)
        made = comments.add(
            session, submission, file, line, text, author=access.user, address=request.remote_addr
        )
        comment_id = made.public_id
    return _to_code(public_id, file=file or None, _anchor=f"comment-{comment_id}")


@blueprint.post("/submissions/<public_id>/comments/<comment>", endpoint="edit_comment")
def edit_comment(public_id: str, comment: str) -> Response:
    """Change what one's own comment says."""
    access = require_submission(public_id, at_least=Role.TA)
    text = _text()
    with service().database.writing() as session:
        found = comments.comment_of(session, access.submission.id, comment)
        file = _own(found, access).file
        if found is not None and text is not None and text != found.text:
            comments.edit(session, found, text, actor=access.user, address=request.remote_addr)
    edited = comment if text is None else None
    return _to_code(public_id, file=file or None, edit=edited, _anchor=f"comment-{comment}")


@blueprint.post("/submissions/<public_id>/comments/<comment>/remove", endpoint="remove_comment")
def remove_comment(public_id: str, comment: str) -> Response:
    """Remove one's own comment."""
    access = require_submission(public_id, at_least=Role.TA)
    with service().database.writing() as session:
        found = _own(comments.comment_of(session, access.submission.id, comment), access)
        comments.remove(session, found, actor=access.user, address=request.remote_addr)
        file = found.file
    flash("The comment was removed.", "good")
    return _to_code(public_id, file=file or None)


def _own(comment: Comment | None, access: SubmissionAccess) -> Comment:
    """Return the comment if it is the asker's own; NotFound without one, Forbidden for another's."""
    if comment is None:
        raise NotFound
    if comment.author_id != access.user.id:
        raise Forbidden
    return comment


def _text() -> str | None:
    """Return the text of the form; None, with a word to its writer, if it can't be a comment."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        flash("Write something first.", "error")
        return None
    if len(text) > comments.MAX_CHARS:
        flash(f"A comment may have {comments.MAX_CHARS:,} characters; this one has {len(text):,}.", "error")
        return None
    return text


def _is_there(access: SubmissionAccess, file: str, line: int) -> bool:
    """Whether the submission has such a line; line 0 is the whole file, file "" the whole submission."""
    if not file:
        return line == 0
    content = hand_in_of(access).content(file)
    return content is not None and 0 <= line <= len(source_file(file, content).lines or ())


def _to_code(public_id: str, **values: object) -> Response:
    return redirect(url_for("pages.code", public_id=public_id, **values), code=303)  # type: ignore[arg-type]
