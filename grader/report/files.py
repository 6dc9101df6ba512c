"""Reports to files, or to stdout for JSON."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.errors import UsageError
from grader.judging.result import GradingResult
from grader.report.html import render_html
from grader.report.json_schema import to_strict_json
from grader.report.junit import render_junit


def write_reports(
    result: GradingResult,
    unit_title: str,
    json_path: str | None,
    junit_path: Path | None,
    html_path: Path | None,
) -> None:
    """Write the reports that have a path; UsageError if a path can't be written."""
    if json_path == "-":
        sys.stdout.write(to_strict_json(result))
    elif json_path is not None:
        write_report(Path(json_path), to_strict_json(result))
    if junit_path is not None:
        write_report(junit_path, render_junit(result))
    if html_path is not None:
        write_report(html_path, render_html(result, unit_title))


def write_report(path: Path, text: str) -> None:
    """Write one report, making its folder; UsageError if it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from error
