"""Every cell of the gradebook's files against grades that were worked out slowly."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from sqlalchemy.orm import Session

from bench.gradebook.slow import SlowRow, rubric_max, slow_rows
from grader.db.models import CourseUnit

FORMULA_STARTS = "=+-@\t\r"
MAX_SCORE = 100.0
XLSX_DIGITS = 16
Rows = list[list[Any]]


def compared(session: Session, course_slug: str, files: Mapping[str, bytes]) -> tuple[int, list[str]]:
    """Return how many cells were compared, and which differ; `files` are named as in the page's addresses."""
    units, rows = slow_rows(session, course_slug)
    maxima = {unit.id: rubric_max(session, unit) for unit in units}
    own = _own(units, rows, maxima)
    wanted = {
        "csv": own,
        "xlsx": own,
        "canvas": _canvas(units, rows, maxima),
        "moodle": _moodle(units, rows),
    }
    cells, wrong = 0, []
    for name, content in files.items():
        found = xlsx_cells(content) if name == "xlsx" else csv_cells(content)
        cells += sum(len(row) for row in wanted[name])
        wrong += [f"{name}: {text}" for text in _differences(wanted[name], found, name == "xlsx")]
    return cells, wrong


def _own(units: list[CourseUnit], rows: list[SlowRow], maxima: dict[int, float | None]) -> Rows:
    header = ["Name", "E-mail address", "Student number", "Section", "Left on"]
    for unit in units:
        parts = ["score"] if maxima[unit.id] is None else ["score", "rubric", "points"]
        header += [f"{unit.slug} {part}" for part in [*parts, "days late", "note"]]
    table: Rows = [[*header, "Total", "Possible", "Percent"]]
    for row in rows:
        line: list[Any] = [row.user.name, row.user.email, row.enrolment.student_number]
        line += [row.enrolment.section, None]
        total, possible = [], []
        for unit, cell in zip(units, row.cells, strict=True):
            line += [cell.score] if maxima[unit.id] is None else [cell.score, cell.rubric, cell.points]
            line += [cell.days_late or None, cell.note]
            if not cell.is_excused:
                total.append(cell.points or 0.0)
                possible.append(MAX_SCORE + (maxima[unit.id] or 0.0))
        share = 100 * (math.fsum(total) / math.fsum(possible)) if possible else None
        table.append([*line, math.fsum(total), math.fsum(possible), share])
    return table


def _canvas(units: list[CourseUnit], rows: list[SlowRow], maxima: dict[int, float | None]) -> Rows:
    told = [unit for unit in units if unit.is_published and not unit.are_grades_withheld]
    table: Rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(unit.title for unit in told)],
        ["    Points Possible", None, None, None, None]
        + [MAX_SCORE + (maxima[unit.id] or 0.0) for unit in told],
    ]
    for row in rows:
        person = [row.user.name, None, row.enrolment.student_number, row.user.email, row.enrolment.section]
        cells = [cell for unit, cell in zip(units, row.cells, strict=True) if unit in told]
        table.append([*person, *("EX" if cell.is_excused else cell.points for cell in cells)])
    return table


def _moodle(units: list[CourseUnit], rows: list[SlowRow]) -> Rows:
    told = [unit for unit in units if unit.is_published and not unit.are_grades_withheld]
    table: Rows = [["ID number", "Email address", "Full name", *(unit.title for unit in told)]]
    for row in rows:
        cells = [cell.points for unit, cell in zip(units, row.cells, strict=True) if unit in told]
        table.append([row.enrolment.student_number, row.user.email, row.user.name, *cells])
    return table


def _differences(wanted: Rows, found: Rows, is_xlsx: bool) -> Iterator[str]:
    if [len(row) for row in wanted] != [len(row) for row in found]:
        yield f"{len(found)} rows of {len(found[0])}, not {len(wanted)} of {len(wanted[0])}"
        return
    for number, (wanted_row, found_row) in enumerate(zip(wanted, found, strict=True)):
        for head, value, cell in zip(wanted[0], wanted_row, found_row, strict=True):
            if not (_is_in_xlsx(value, cell) if is_xlsx else _is_in_csv(value, cell)):
                yield f"row {number}, {head}: {cell!r} instead of {value!r}"


def _is_in_csv(value: str | float | None, cell: str) -> bool:
    if value is None:
        return cell == ""
    if isinstance(value, str):
        is_formula = value[:1] != "" and value[0] in FORMULA_STARTS
        return cell == (f"'{value}" if is_formula else value)
    return float(cell) == value


def _is_in_xlsx(value: str | float | None, cell: str | float | None) -> bool:
    if isinstance(value, float):
        return isinstance(cell, float) and cell == float(f"{value:.{XLSX_DIGITS}g}")
    return cell == (value or None) or (isinstance(value, int) and cell == float(value))


def csv_cells(content: bytes) -> Rows:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_cells(content: bytes) -> Rows:
    """Return the first sheet's cells: texts, numbers, and None where there is nothing."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(part.text or "" for part in entry.iter(f"{name}t")) for entry in shared]
    rows: Rows = []
    for row in sheet.iter(f"{name}row"):
        cells: dict[int, Any] = {}
        for cell in row.iter(f"{name}c"):
            if cell.find(f"{name}f") is not None:
                raise ValueError(f"{cell.get('r')} is a formula")
            value = cell.findtext(f"{name}v") or ""
            place = _column_number(cell.get("r") or "")
            cells[place] = texts[int(value)] if cell.get("t") == "s" else float(value)
        rows.append([cells.get(place) for place in range(len(rows[0]) if rows else len(cells))])
    return rows


def _column_number(reference: str) -> int:
    """Return the column of a cell's name, counted from 0: `AB12` is 27."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
