"""The admission gate in the browser: started, watched, stopped, and what it found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.courses.offered import name_of
from grader.db.models import CourseUnit, Role, Task, TaskKind, TaskState, UnitVersion, User
from grader.tasks import cancel
from grader.tasks import request as ask
from grader.web.access import UnitAccess, require_unit
from grader.web.service import reading, service
from grader.web.staff import blueprint

LATEST = 10
ON_DISK = "the tests on disk"
WELL = {  # what is right for each kind of case
    "reference": "full marks, each time",
    "template": "no points",
    "wrong": "caught, with the right hint",
    "different": "full marks",
    "hostile": "contained",
}


@dataclass(frozen=True)
class Gates:
    """What the page of a unit's tests shows: the latest gates, and versions to prove."""

    latest: list[Task]
    versions: list[tuple[str, str]]


@blueprint.app_template_global()
def gates_of(unit: CourseUnit) -> Gates:
    """Return what `staff/_gates.html` shows of the unit."""
    latest = reading().scalars(
        sa.select(Task)
        .where(Task.kind == TaskKind.GATE, Task.course_unit_id == unit.id)
        .options(joinedload(Task.unit_version), joinedload(Task.requested_by))
        .order_by(Task.id.desc())
        .limit(LATEST)
    )
    versions = reading().scalars(
        sa.select(UnitVersion)
        .where(UnitVersion.unit == unit.unit, UnitVersion.content.is_not(None))
        .order_by(UnitVersion.id.desc())
    )
    shown = [(str(version.id), f"version {name_of(version)}") for version in versions]
    return Gates(list(latest), [("", ON_DISK), *shown])


@blueprint.app_template_global()
def proved(task: Task) -> str:
    """Return what a gate is or was about, in words."""
    return ON_DISK if task.unit_version is None else f"version {name_of(task.unit_version)}"


@blueprint.post("/courses/<course>/<unit>/tests/gate")
def start_gate(course: str, unit: str) -> Response:
    """Ask for the gate, or go to the one of these tests that is under way."""
    access = require_unit(course, unit, at_least=Role.TA)
    version_id = _version_id(access)
    arguments = {"with_mnist": "with_mnist" in request.form, "is_quick": request.form.get("part") == "quick"}
    with service().database.writing() as session:
        task = ask(
            session,
            TaskKind.GATE,
            course_unit_id=access.unit.id,
            unit_version_id=version_id,
            arguments=arguments,
            requested_by=access.user,
        )
    return redirect(url_for("staff.gate", course=course, unit=unit, gate=task.public_id), code=303)


@blueprint.get("/courses/<course>/<unit>/tests/gate/<gate>")
def gate(course: str, unit: str, gate: str) -> str:
    """Show a gate: how far it is, or what it found."""
    access = require_unit(course, unit, at_least=Role.TA)
    task = _gate(access, gate)
    by = None if task.requested_by_id is None else reading().get(User, task.requested_by_id)
    return render_template(
        "staff/gate.html",
        course=access.course,
        unit=access.unit,
        access=access,
        task=task,
        by=by,
        tally=_tally(task.result),
        is_over=task.state not in (TaskState.QUEUED, TaskState.RUNNING),
    )


@blueprint.post("/courses/<course>/<unit>/tests/gate/<gate>/cancel")
def cancel_gate(course: str, unit: str, gate: str) -> Response:
    """Stop a gate that waits or runs."""
    access = require_unit(course, unit, at_least=Role.TA)
    _gate(access, gate)
    with service().database.writing() as session:
        task = session.scalars(sa.select(Task).where(Task.public_id == gate)).one()
        cancelled = cancel(session, task, access.user)
    flash("The gate is stopped." if cancelled else "The gate was over already.", "good")
    return redirect(url_for("staff.gate", course=course, unit=unit, gate=gate), code=303)


def _gate(access: UnitAccess, public_id: str) -> Task:
    found = reading().scalar(
        sa.select(Task)
        .where(
            Task.public_id == public_id,
            Task.kind == TaskKind.GATE,
            Task.course_unit_id == access.unit.id,
        )
        .options(joinedload(Task.unit_version))
    )
    if found is None:
        raise NotFound
    return found


def _version_id(access: UnitAccess) -> int | None:
    """Return the version that the form names, None for the files on disk; 400 for one of another unit."""
    text = request.form.get("version", "")
    if not text:
        return None
    found = reading().scalar(
        sa.select(UnitVersion.id).where(
            UnitVersion.id == (int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0),
            UnitVersion.unit == access.unit.unit,
            UnitVersion.content.is_not(None),
        )
    )
    if found is None:
        abort(400)
    return found


def _tally(result: dict[str, Any] | None) -> list[tuple[str, int, int, str]]:
    """Return for each kind of case: how many went well, of how many, and what that means."""
    cases = [] if result is None else result["cases"]
    counts = Counter(case["kind"] for case in cases)
    well = Counter(case["kind"] for case in cases if not case["problems"])
    return [(kind, well[kind], counts[kind], WELL[kind]) for kind in counts]
