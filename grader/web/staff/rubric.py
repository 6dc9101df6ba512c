"""A unit's rubric: what people grade, and how far the marking is; instructors change the items."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.db.models import CourseUnit, Role, RubricItem
from grader.marking import items as rubric
from grader.marking.checklists import checklist
from grader.marking.points import DECIMALS
from grader.marking.sheet import sheet
from grader.web.access import UnitAccess, require_unit
from grader.web.service import reading, service
from grader.web.staff import blueprint
from grader.web.staff.acting import actor_of

UNMARKED = "unmarked"
ITEMS_ID = "items"


def filter_now() -> dict[str, str]:
    """Return the list's filter as the query has it: `q` part of a name, `show` unmarked or nothing."""
    given = {"q": request.args.get("q", "").strip(), "show": request.args.get("show", "")}
    return {name: value for name, value in given.items() if value and (name == "q" or value == UNMARKED)}


@blueprint.get("/courses/<course>/<unit>/rubric", endpoint="rubric")
def show_rubric(course: str, unit: str) -> str:
    """Show the items and the students with their marks."""
    return rubric_page(require_unit(course, unit, at_least=Role.TA))


def rubric_page(
    access: UnitAccess, form_of: int | None = None, problems: dict[str, str] | None = None
) -> str:
    """Return the page; `problems` are those of the form of item `form_of`, 0 for the form of a new one."""
    session, unit = reading(), access.unit
    items = rubric.items_of(session, unit.id)
    rows = sheet(session, unit, items)
    filtered = filter_now()
    left = [row for row in rows if not row.is_done]
    called = [row for row in (left if "show" in filtered else rows) if row.is_called(filtered.get("q", ""))]
    retired = rubric.retired_items_of(session, unit.id)
    return render_template(
        "staff/rubric.html",
        course=access.course,
        unit=unit,
        access=access,
        items=items,
        retired=retired,
        max_points=round(sum(item.max_points for item in items), DECIMALS),
        suggested=[] if items or retired else checklist(unit.unit),
        rows=called,
        total=len(rows),
        left=len(left),
        begun={item_id for row in rows for item_id in row.points},
        next_row=next((row for row in called if not row.is_done), None),
        filtered=filtered,
        form_of=form_of,
        problems=problems or {},
    )


@blueprint.post("/courses/<course>/<unit>/rubric/checklist", endpoint="start_rubric")
def start_rubric(course: str, unit: str) -> Response:
    """Begin with the course's own checklist of the unit."""
    access = require_unit(course, unit, at_least=Role.INSTRUCTOR)
    with service().database.writing() as session:
        why_not = rubric.start_from(session, access.unit, checklist(access.unit.unit), actor_of(access))
    flash(
        why_not or "The checklist’s items are added. Change them as you like.", "error" if why_not else "good"
    )
    return _back(access)


@blueprint.post("/courses/<course>/<unit>/rubric/items", endpoint="add_rubric_item")
def add_item(course: str, unit: str) -> Response | tuple[str, int]:
    """Add an item below the others."""
    access = require_unit(course, unit, at_least=Role.INSTRUCTOR)
    fields, problems = _typed()
    if fields is None:
        return rubric_page(access, 0, problems), 422
    with service().database.writing() as session:
        why_not = rubric.add_items(session, access.unit, [fields], actor_of(access))
    if why_not:
        return rubric_page(access, 0, {"title": why_not}), 422
    flash(f"“{fields.title}” is added.", "good")
    return _back(access)


@blueprint.post("/courses/<course>/<unit>/rubric/items/<int:item_id>", endpoint="edit_rubric_item")
def edit_item(course: str, unit: str, item_id: int) -> Response | tuple[str, int]:
    """Change an item's title, description and points."""
    access = require_unit(course, unit, at_least=Role.INSTRUCTOR)
    fields, problems = _typed()
    with service().database.writing() as session:
        item = _the_item(session, access.unit, item_id)
        if fields is not None:
            problems = rubric.edit_item(session, access.unit, item, fields, actor_of(access))
    if problems:
        return rubric_page(access, item_id, problems), 422
    flash(f"“{item.title}” is saved.", "good")
    return _back(access)


@blueprint.post(
    "/courses/<course>/<unit>/rubric/items/<int:item_id>/<any(up, down, retire, restore):act>",
    endpoint="move_rubric_item",
)
def move_item(course: str, unit: str, item_id: int, act: str) -> Response:
    """Move an item up or down, retire it, or ask for a retired one again."""
    access = require_unit(course, unit, at_least=Role.INSTRUCTOR)
    actor = actor_of(access)
    with service().database.writing() as session:
        item = _the_item(session, access.unit, item_id)
        if act == "retire":
            rubric.retire_item(session, access.unit, item, actor)
            flash(f"“{item.title}” is not asked any more. Its marks are kept and do not count.", "good")
        elif act == "restore":
            rubric.restore_item(session, access.unit, item, actor)
            flash(f"“{item.title}” is asked again, and its marks count.", "good")
        else:
            rubric.move_item(session, access.unit, item, act == "up", actor)
    return _back(access)


def _typed() -> tuple[rubric.ItemFields | None, dict[str, str]]:
    form = request.form
    return rubric.read_item(form.get("title", ""), form.get("description", ""), form.get("max_points", ""))


def _the_item(session: Session, unit: CourseUnit, item_id: int) -> RubricItem:
    item = rubric.locked_item(session, unit.id, item_id)
    if item is None:
        raise NotFound
    return item


def _back(access: UnitAccess) -> Response:
    address = url_for("staff.rubric", course=access.course.slug, unit=access.unit.slug, _anchor=ITEMS_ID)
    return redirect(address, code=303)
