"""The gradebook of a course: everybody's grades on one page, and as files for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, current_app, render_template, request, url_for

from grader.db.models import Role
from grader.grades import exports, sheets
from grader.grades.grade import Basis
from grader.grades.gradebook import Cell, Column, Gradebook, Student, gradebook
from grader.grades.selection import Selection, State, figures, median, selected
from grader.report import numbers
from grader.web.access import CourseAccess, require_course
from grader.web.limits import heavy
from grader.web.pages.attachment import attachment
from grader.web.service import reading
from grader.web.staff import blueprint

STATE_WORDS = {
    State.NOT_HANDED_IN: "not handed in",
    State.WAITING: "being graded",
    State.NO_SCORE: "no score",
    State.LATE: "late",
    State.EXCUSED: "excused",
    State.DECIDED: "decided by staff",
    State.BELOW: "below a share of points",
}
PERSON_COLUMNS = (("section", "Section"), ("number", "Number"), ("email", "E-mail"))
SUM_COLUMNS = (("total", "Total"), ("share", "Percent"))
ASKED = ("q", "section", "unit", "state", "below", "left", "sort")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Heading:
    """A column's head: where it leads to be sorted by, and how it is sorted now (as ARIA says it)."""

    title: str
    href: str
    order: str | None
    column: Column | None = None


@dataclass(frozen=True)
class Shown:
    """A cell: its text, what is to be marked beside it, and where it leads."""

    text: str
    href: str | None
    mark: str = ""
    kind: str = ""


@blueprint.get("/courses/<course>/gradebook", endpoint="gradebook")
@heavy
def show_gradebook(course: str) -> str:
    """Show the grades of all students, or of those whom the filters leave, in the order asked for."""
    access = require_course(course, at_least=Role.TA)
    selection = _selection()
    with_former = "left" in request.args
    book = gradebook(reading(), access.course.id, with_former=with_former)
    students = selected(book, selection)
    return render_template(
        "staff/gradebook.html",
        course=access.course,
        access=access,
        book=book,
        selection=selection,
        with_former=with_former,
        state_words=STATE_WORDS,
        sections=sorted({student.section for student in book.students if student.section}),
        name_heading=_heading(access, selection, "name", "Student"),
        person_headings=[_heading(access, selection, key, title) for key, title in PERSON_COLUMNS],
        unit_headings=[
            _heading(access, selection, f"unit:{column.unit.slug}", column.unit.title, column)
            for column in book.columns
        ],
        sum_headings=[_heading(access, selection, key, title) for key, title in SUM_COLUMNS],
        rows=list(_rows(access, book, students)),
        figures=[figures(students, place) for place in range(len(book.columns))],
        median_total=median(student.total for student in students),
        median_share=median(student.share for student in students),
        member_prefix=url_for("accounts.member", course=course, enrolment_id=0)[:-1],
        query=f"?{urlencode(asked)}" if (asked := _asked()) else "",
    )


@blueprint.get(
    "/courses/<course>/gradebook/<any(csv, xlsx, canvas, moodle):form>", endpoint="gradebook_export"
)
@heavy
def export_gradebook(course: str, form: str) -> Response:
    """Send the grades that the page shows with the same filters, in the same order, as a file."""
    access = require_course(course, at_least=Role.TA)
    book = gradebook(reading(), access.course.id, with_former="left" in request.args)
    students = selected(book, _selection())
    name = f"{access.course.slug}-grades"
    match form:
        case "xlsx":
            table = exports.own_table(book.columns, students)
            return attachment(sheets.as_xlsx(table, access.course.title), f"{name}.xlsx", XLSX)
        case "canvas":
            table = exports.canvas_table(book.columns, students)
            return attachment(sheets.as_csv(table), f"{name}-canvas.csv", CSV)
        case "moodle":
            table = exports.moodle_table(book.columns, students)
            return attachment(sheets.as_csv(table), f"{name}-moodle.csv", CSV)
    table = exports.own_table(book.columns, students)
    return attachment(sheets.as_csv(table, for_excel=True), f"{name}.csv", CSV)


def _selection() -> Selection:
    """Return what the address asks for; what makes no sense there is passed over."""
    asked = request.args
    state = asked.get("state", "")
    below = numbers.finite(asked.get("below", type=float), 0.0, 100.0)
    return Selection(
        search=asked.get("q", "").strip(),
        section=asked.get("section", ""),
        unit=asked.get("unit", ""),
        state=State(state) if state in set(State) else None,
        below_percent=Selection.below_percent if below is None else below,
        sort=asked.get("sort", "name"),
    )


def _asked() -> dict[str, str]:
    """Return what the address asks for, to ask for the same again: nothing but what it may ask for."""
    return {name: text for name, text in request.args.items() if name in ASKED and text}


def _heading(
    access: CourseAccess, selection: Selection, key: str, title: str, column: Column | None = None
) -> Heading:
    """Return the head of a column, which sorts by it, or turns the order around."""
    order = {key: "ascending", f"-{key}": "descending"}.get(selection.sort)
    sort = f"-{key}" if order == "ascending" else key
    query = urlencode({**_asked(), "sort": sort})
    return Heading(title, f"{_address(access)}?{query}", order, column)


def _address(access: CourseAccess) -> str:
    return url_for("staff.gradebook", course=access.course.slug)


def _rows(
    access: CourseAccess, book: Gradebook, students: list[Student]
) -> Iterator[tuple[Student, list[Shown]]]:
    """Yield each student with the cells to show; addresses are put together here, once a column."""
    prefixes = [_prefix(access, column.unit.slug) for column in book.columns]
    submission = url_for("pages.submission", public_id="")
    for student in students:
        shown = []
        for prefix, cell in zip(prefixes, student.cells, strict=True):
            if prefix is not None:
                href: str | None = f"{prefix}{student.id}"
            else:
                href = f"{submission}{cell.public_id}" if cell.public_id else None
            shown.append(_shown(cell, href))
        yield student, shown


def _prefix(access: CourseAccess, unit: str) -> str | None:
    """Return the address of a student's page of the unit up to the student's id, if there is such a page."""
    if "staff.student" not in current_app.view_functions:
        return None
    return url_for("staff.student", course=access.course.slug, unit=unit, user_id=0)[:-1]


def _shown(cell: Cell, href: str | None) -> Shown:
    grade = cell.grade
    if grade.basis is Basis.EXCUSED:
        return Shown("excused", href, kind="excused")
    if cell.points is None:
        if cell.is_waiting:
            return Shown("waiting", href, kind="without")
        return Shown("no score" if cell.is_handed_in else "–", href, kind="without")
    marks = [_BASIS_MARKS[grade.basis]] if grade.basis in _BASIS_MARKS else []
    if grade.days_late:
        marks.append(f"{grade.days_late} d late")
    if cell.is_waiting:
        marks.append("waiting")
    return Shown(numbers.points(cell.points), href, ", ".join(marks), "late" if grade.days_late else "")


_BASIS_MARKS = {Basis.DECIDED: "set", Basis.CHOSEN: "chosen"}
