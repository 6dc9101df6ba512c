"""Tables as files: CSV and XLSX. Numbers are exact, and no text becomes a formula.

People choose their own names, and staff open them in a spreadsheet, which would run a text that begins like
a formula. In CSV such a text gets an apostrophe in front, unless it is just a number. In XLSX each cell says
what it is, so texts stay as they are. XLSX holds 16 significant digits of a number, CSV all of them.
"""

from __future__ import annotations

import csv
import io
import re

import xlsxwriter

from grader.accounts.links_csv import harmless
from grader.grades.exports import Table, Value

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_WIDEST_COLUMN = 40  # characters


def as_csv(table: Table, *, for_excel: bool = False) -> bytes:
    """Return the table in UTF-8, with a byte-order mark if it is `for_excel`."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([_cell(value) for value in row] for row in table)
    return ((BYTE_ORDER_MARK if for_excel else "") + buffer.getvalue()).encode()


def as_xlsx(table: Table, title: str) -> bytes:
    """Return the table as a workbook with one sheet; its header and its first column stay in sight."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True})
        for row_number, row in enumerate(table):
            for column_number, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(row_number, column_number, value, bold if row_number == 0 else None)
                elif value is not None:
                    sheet.write_number(row_number, column_number, value)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(table) - 1, len(table[0]) - 1)
        for column_number, values in enumerate(zip(*table, strict=True)):
            widest = max(len(_text(value)) for value in values)
            sheet.set_column(column_number, column_number, min(widest + 3, _WIDEST_COLUMN))
    return buffer.getvalue()


def defused(text: str) -> str:
    """Return the text as no spreadsheet takes it for a formula."""
    return text if _NUMBER.fullmatch(text) else harmless(text)


def number(value: float) -> str:
    """Return the number by the fewest digits that are exactly it, without a fraction if it has none."""
    return str(int(value)) if value == int(value) else repr(value)


def _cell(value: Value) -> str:
    return defused(value) if isinstance(value, str) else _text(value)


def _text(value: Value) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else number(value)


def _sheet_name(title: str) -> str:
    """Return the title as Excel allows it for a sheet."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ") or "Grades"
