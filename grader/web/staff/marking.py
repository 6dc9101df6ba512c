"""Marking one student by the rubric, and on to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.db.models import Enrolment, Role, RubricItem, RubricMark, User
from grader.marking.items import items_of
from grader.marking.marks import (
    Entry,
    fingerprint,
    fingerprint_of,
    marks_of,
    read_entry,
    save_marks,
)
from grader.marking.sheet import neighbours, sheet
from grader.report import numbers
from grader.results.history import history_of
from grader.results.visibility import Audience
from grader.web.access import UnitAccess, require_unit
from grader.web.service import end_reading, reading, service
from grader.web.staff import blueprint
from grader.web.staff.acting import actor_of
from grader.web.staff.rubric import filter_now
from grader.web.staff.versions import is_row_id


@dataclass
class Field:
    """One item in the form: what stands in its fields, and what there is to say about it.

    `mark` is the mark as it is; `clash` that somebody else has changed it since the form was opened.
    """

    item: RubricItem
    mark: RubricMark | None
    points: str
    comment: str
    seen: str
    problem: str = ""
    clash: bool = False


@blueprint.get("/courses/<course>/<unit>/rubric/students/<int:user_id>", endpoint="rubric_student")
def show_form(course: str, unit: str, user_id: int) -> str:
    """Show the student's form, with the way to the next and the previous one."""
    access = require_unit(course, unit, at_least=Role.TA)
    marks = marks_of(reading(), access.unit.id, user_id)
    return _page(
        access, _student(access, user_id), [_as_it_is(item, marks.get(item.id)) for item in _items(access)]
    )


@blueprint.post("/courses/<course>/<unit>/rubric/students/<int:user_id>", endpoint="save_rubric_marks")
def save_form(course: str, unit: str, user_id: int) -> Response | tuple[str, int]:
    """Save what was changed, and go on to the next student if `then` says so.

    What somebody else has changed meanwhile stays, and is shown beside what was typed.
    """
    access = require_unit(course, unit, at_least=Role.TA)
    if access.user.id == user_id:
        raise Forbidden  # nobody marks their own work
    student = _student(access, user_id)
    entries, problems = _typed(access)
    if problems:
        marks = marks_of(reading(), access.unit.id, user_id)
        fields = [_as_typed(item, marks.get(item.id), problems.get(item.id, "")) for item in _items(access)]
        return _page(access, student, fields), 422
    with service().database.writing() as session:
        saved = save_marks(session, access.unit, student, entries, actor_of(access))
    end_reading()  # what is shown from here on is what was just written
    _tell_of_retired_items(access, entries)
    if saved.conflicts:
        marks = marks_of(reading(), access.unit.id, user_id)
        return _page(
            access,
            student,
            [
                _as_typed(item, marks.get(item.id), clash=True)
                if item.id in saved.conflicts
                else _as_it_is(item, marks.get(item.id))
                for item in _items(access)
            ],
            saved=len(saved.changed),
        ), 409
    if saved.changed:
        flash(f"{student.name}’s marks are saved.", "good")
    return redirect(_onward(access, user_id), code=303)


def _page(access: UnitAccess, student: User, fields: list[Field], saved: int | None = None) -> str:
    """Return the form; `saved` counts the marks that were saved although others clashed."""
    if not fields:
        raise NotFound
    filtered = filter_now()
    rows = sheet(reading(), access.unit, [field.item for field in fields])
    history = history_of(reading(), access.unit, student.id, Audience.STAFF)
    first = next((field for field in fields if field.problem or field.clash), None)
    return render_template(
        "staff/rubric_student.html",
        course=access.course,
        unit=access.unit,
        access=access,
        student=student,
        row=next(row for row in rows if row.user_id == student.id),
        fields=fields,
        first=first or next((field for field in fields if field.mark is None), fields[0]),
        max_points=numbers.total(field.item.max_points for field in fields),
        around=neighbours(rows, student.id, filtered.get("q", ""), "show" in filtered),
        filtered=filtered,
        latest=history.attempts[-1] if history.attempts else None,
        history=history,
        saved=saved,
    )


def _items(access: UnitAccess) -> list[RubricItem]:
    return items_of(reading(), access.unit.id)


def _student(access: UnitAccess, user_id: int) -> User:
    """Return the student; NotFound for somebody who is not one of the course now."""
    student = reading().scalar(
        sa.select(User)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            User.id == user_id,
            Enrolment.course_id == access.course.id,
            Enrolment.role == Role.STUDENT,
            Enrolment.ended_at.is_(None),
        )
    )
    if student is None:
        raise NotFound
    return student


def _as_it_is(item: RubricItem, mark: RubricMark | None) -> Field:
    points = "" if mark is None else f"{mark.points:g}"
    return Field(item, mark, points, "" if mark is None else mark.comment, fingerprint_of(mark))


def _as_typed(item: RubricItem, mark: RubricMark | None, problem: str = "", clash: bool = False) -> Field:
    """Return the field with what was typed; after a clash, saving again is about the mark as it is now."""
    points, comment, seen = _texts(item.id)
    return Field(item, mark, points, comment, fingerprint_of(mark) if clash else seen, problem, clash)


def _texts(item_id: int) -> tuple[str, str, str]:
    form = request.form
    points, comment = form.get(f"points-{item_id}", ""), form.get(f"comment-{item_id}", "")
    return points, comment, form.get(f"seen-{item_id}", fingerprint_of(None))


def _typed(access: UnitAccess) -> tuple[dict[int, Entry], dict[int, str]]:
    """Return the form's entries, and what is wrong with those that can't be read, by item id."""
    entries, problems = {}, {}
    most = {item.id: item.max_points for item in _items(access)}
    for name in request.form:
        kind, _, number = name.partition("-")
        if kind != "points" or not is_row_id(number):
            continue
        entry, problem = read_entry(*_texts(int(number)), most.get(int(number), float("inf")))
        if entry is not None:
            entries[int(number)] = entry
        else:
            problems[int(number)] = problem
    return entries, {item_id: problem for item_id, problem in problems.items() if item_id in most}


def _tell_of_retired_items(access: UnitAccess, entries: dict[int, Entry]) -> None:
    """Say what could not be saved because its item is not asked any more."""
    asked = {item.id for item in _items(access)}
    lost = [
        entry
        for item_id, entry in entries.items()
        if item_id not in asked and fingerprint(entry.points, entry.comment) != entry.seen
    ]
    for entry in lost:
        points = "no points" if entry.points is None else f"{numbers.points(entry.points)} points"
        said = f" and “{entry.comment}”" if entry.comment else ""
        flash(f"Not saved: {points}{said}, as that item has been retired since you opened the form.", "error")


def _onward(access: UnitAccess, user_id: int) -> str:
    """Return where to go from the saved form: to the next student, the list after the last, or the form."""
    where: dict[str, Any] = {"course": access.course.slug, "unit": access.unit.slug, **filter_now()}
    if request.form.get("then") != "next":
        return url_for("staff.rubric_student", user_id=user_id, **where)
    rows = sheet(reading(), access.unit, _items(access))
    onward = neighbours(rows, user_id, where.get("q", ""), "show" in where).next
    if onward is None:
        flash("That was the last one of the list.", "good")
        return url_for("staff.rubric", **where)
    return url_for("staff.rubric_student", user_id=onward.user_id, **where)
