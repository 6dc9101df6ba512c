"""Reading a course's list (CSV) as spreadsheets write it: their separators, encodings and column names.

All problems are found at once and told by line. Nothing here knows the database: see `roster_import`.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from grader.accounts import names
from grader.accounts.addresses import is_address, normal
from grader.db.models import Role

MAX_BYTES = 1_000_000
MAX_ROWS = 5_000
MAX_CELL_CHARACTERS = 200
SEPARATORS = ",;\t"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls begin like this
COLUMNS = {  # what people call the columns, in lower case and without - _ and spaces
    "email": ("email", "mail", "emailaddress", "mailaddress", "useremail", "sisloginid"),
    "name": ("name", "fullname", "studentname", "student", "displayname"),
    "first_name": ("firstname", "givenname", "forename"),
    "last_name": ("lastname", "surname", "familyname"),
    "role": ("role",),
    "student_number": ("studentnumber", "studentid", "studentno", "number", "idnumber", "sisuserid"),
    "section": ("section", "group", "class"),
}
ROLES = {
    "student": Role.STUDENT,
    "ta": Role.TA,
    "assistant": Role.TA,
    "teachingassistant": Role.TA,
    "tutor": Role.TA,
    "instructor": Role.INSTRUCTOR,
    "teacher": Role.INSTRUCTOR,
    "lecturer": Role.INSTRUCTOR,
}


@dataclass(frozen=True)
class Row:
    """One person of the list. None: the list does not say, so what is known already stays."""

    line: int
    email: str
    name: str | None
    role: Role | None
    student_number: str | None
    section: str | None


@dataclass(frozen=True)
class Problem:
    """Something that must be mended; `line` 0 is the file as a whole."""

    line: int
    text: str


@dataclass(frozen=True)
class Roster:
    """What a file says. With any problem, `rows` is not to be used. `ignored` names unknown columns."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()
    encoding: str = "utf-8"


def read_roster(content: bytes) -> Roster:
    """Return the people that a CSV file lists, or all that is wrong with it."""
    if len(content) > MAX_BYTES:
        return _unreadable("The file is bigger than 1 MB. Is it the right one?")
    if content.startswith(WORKBOOKS):
        return _unreadable("This is an Excel workbook. In Excel, choose Save As and the type “CSV UTF-8”.")
    text, encoding = _decode(content)
    if "\0" in text:
        return _unreadable("This is not a text file. Save the list as CSV and choose that file.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        return _unreadable(f"Line {reader.line_num} is not CSV: {error}.")
    if lines and lines[0][1][0].lower().startswith("sep="):
        del lines[0]  # Excel's own note of the separator
    if not lines:
        return _unreadable("The file is empty.")
    (header_line, header), people = lines[0], lines[1:]
    columns, ignored, problems = _columns(header, header_line)
    if not problems and not people:
        problems.append(Problem(header_line, "There are column names but no people under them."))
    if len(people) > MAX_ROWS:
        problems.append(Problem(0, f"More than {MAX_ROWS} people are in the file. Is it the right one?"))
    if problems:
        return Roster((), tuple(problems), ignored, encoding)
    rows = []
    for line, cells in people:
        found = list(_problems_of(line, cells, len(header), columns))
        problems += found
        if not found:
            rows.append(_row(line, cells, columns))
    problems += _duplicates(rows)
    return Roster(tuple(rows), tuple(sorted(problems, key=lambda p: p.line)), ignored, encoding)


def _unreadable(text: str) -> Roster:
    return Roster((), (Problem(0, text),))


def _decode(content: bytes) -> tuple[str, str]:
    """Return the text and its encoding: UTF-16 and UTF-8 say what they are, old Excel's does not."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "windows-1252"


def _separator(text: str) -> str:
    """Return the separator that the first line with any uses most."""
    for line in text.splitlines():
        if line.lower().startswith("sep=") and len(line) == 5 and line[4] in SEPARATORS:
            return line[4]
        if line.strip():
            return max(SEPARATORS, key=line.count)
    return ","


def _columns(header: list[str], line: int) -> tuple[dict[str, int], tuple[str, ...], list[Problem]]:
    """Return where each column is, the columns that mean nothing here, and what is wrong with them."""
    column_of = {name: column for column, known in COLUMNS.items() for name in known}
    found: dict[str, int] = {}
    ignored, problems = [], []
    for position, title in enumerate(header):
        column = column_of.get("".join(ch for ch in title.lower() if ch.isalnum()))
        if column is None:
            ignored += [title.strip()] if title.strip() else []
        elif column in found:
            problems.append(Problem(line, f"Two columns mean “{column.replace('_', ' ')}”. Delete one."))
        else:
            found[column] = position
    if "email" not in found:
        problems.append(
            Problem(line, "There is no column “email”. The first line must name the columns: email, name, …")
        )
    return found, tuple(ignored), problems


def _problems_of(line: int, cells: list[str], width: int, columns: dict[str, int]) -> Iterator[Problem]:
    if any(cell.strip() for cell in cells[width:]):
        yield Problem(
            line, f"There are {len(cells)} cells, but {width} columns. Is a quotation mark missing?"
        )
        return
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
        yield Problem(line, f"A cell holds more than {MAX_CELL_CHARACTERS} characters.")
        return
    if any(not (ch.isprintable() or ch in names.JOINERS) for cell in cells for ch in cell.strip()):
        yield Problem(line, "A cell holds a line break or another sign that can't be shown.")
        return
    email = _cell(cells, columns, "email")
    if email is None:
        yield Problem(line, "The e-mail address is missing.")
    elif not is_address(email):
        yield Problem(line, f"“{email}” is no e-mail address.")
    name = _name(cells, columns)
    if name is not None and names.problem(name):
        yield Problem(line, f"The name can’t be taken. {names.problem(name)}")
    role = _cell(cells, columns, "role")
    if role is not None and _role_word(role) not in ROLES:
        yield Problem(line, f"“{role}” is no role. Use student, ta or instructor.")


def _duplicates(rows: list[Row]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        if row.email in first:
            yield Problem(row.line, f"{row.email} is in line {first[row.email]} already.")
        first.setdefault(row.email, row.line)


def _row(line: int, cells: list[str], columns: dict[str, int]) -> Row:
    email, role = _cell(cells, columns, "email"), _cell(cells, columns, "role")
    return Row(
        line=line,
        email=normal(email or ""),
        name=_name(cells, columns),
        role=None if role is None else ROLES[_role_word(role)],
        student_number=_cell(cells, columns, "student_number"),
        section=_cell(cells, columns, "section"),
    )


def _name(cells: list[str], columns: dict[str, int]) -> str | None:
    """Return the person's name, from one column or two; None if the list does not say."""
    parts = (_cell(cells, columns, "first_name"), _cell(cells, columns, "last_name"))
    whole = _cell(cells, columns, "name") or " ".join(part for part in parts if part)
    return names.normal(whole) or None


def _cell(cells: list[str], columns: dict[str, int], column: str) -> str | None:
    """Return the cell's text; None if it is empty, or there is no such cell or column."""
    position = columns.get(column)
    if position is None or position >= len(cells):
        return None
    return " ".join(cells[position].split()) or None


def _role_word(text: str) -> str:
    return "".join(ch for ch in text.lower() if ch.isalnum())
