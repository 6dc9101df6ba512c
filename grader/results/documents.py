"""A result that may be shown, as a file: JSON, JUnit XML or one HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from grader.judging.result import GradingResult
from grader.report.html import render_html
from grader.report.json_schema import to_strict_json
from grader.report.junit import render_junit
from grader.results.gradescope import results_for_reader
from grader.results.visibility import Filter, filtered
from grader.units import VisibilityRules

MEDIA_TYPES = {"json": "application/json", "xml": "application/xml", "html": "text/html"}


@dataclass(frozen=True)
class Document:
    """A file: its media type and its text."""

    media_type: str
    text: str


def document(kind: str, whole: GradingResult, unit_title: str, allowed: Filter) -> Document:
    """Return the report as a `json`, `xml` (JUnit) or `html` file, with what the filter lets through."""
    shown = filtered(whole, allowed)
    if kind == "html":
        text = render_html(shown, unit_title, times_rounded=not allowed.is_staff)
    else:
        text = to_strict_json(shown) if kind == "json" else render_junit(shown)
    return Document(MEDIA_TYPES[kind], text)


def gradescope_document(whole: GradingResult, rules: VisibilityRules, allowed: Filter) -> Document:
    """Return the report as Gradescope's results.json; GraderError if the run failed by our own fault."""
    return Document(MEDIA_TYPES["json"], results_for_reader(whole, rules, allowed))
