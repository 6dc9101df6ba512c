"""Pages whose tables are written by programs, each between two markers of its own."""

from __future__ import annotations

from pathlib import Path


def fill(page: Path, name: str, program: str, text: str) -> None:
    """Put the text between the markers of this name; ValueError if the page has none."""
    begin, end = begin_of(name, program), f"<!-- {name}: end -->"
    before, found_begin, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{page} has no place for {name}")
    page.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")


def begin_of(name: str, program: str) -> str:
    """Return the marker before the text that this program writes."""
    return f"<!-- {name}: begin; written by python -m {program} -->"
