"""Invitation links as a CSV file, for a mail merge."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from grader.db.models import Role

# Where the list separator is a semicolon, a spreadsheet begins a new cell after one within a text, too; and
# some take away spaces, quotes and what is not seen before they look for a formula.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[\s\"'\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r\n])")


@dataclass(frozen=True)
class Link:
    """One person's way into a course."""

    email: str
    name: str
    role: Role
    url: str


def links_csv(links: list[Link]) -> bytes:
    """Return the links as CSV that spreadsheets read rightly: with their mark of UTF-8, without formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("email", "name", "role", "link"))
    for link in links:
        writer.writerow([harmless(cell) for cell in (link.email, link.name, link.role.value, link.url)])
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula."""
    return _FORMULA.sub("'", cell)
