"""The JSON report: strict JSON, checked against the schema that others may rely on.

`report.schema.json`, written by hand, is the contract of schema 1; `docs/reference/report.md`
explains it. JSON knows no NaN or infinity, so a number that is not finite becomes null; half
a surrogate pair, which strict readers refuse, becomes the replacement character.
"""

from __future__ import annotations

import functools
import json
import math
import re
from importlib import resources
from typing import Any

import jsonschema

from grader.judging.result import GradingResult

_SURROGATE = re.compile("[\ud800-\udfff]")


def to_strict_json(result: GradingResult) -> str:
    """Return the result as indented JSON text (ASCII only) that any JSON reader accepts."""
    return json.dumps(_portable(result.to_json()), indent=2, allow_nan=False) + "\n"


def validate_report(report: dict[str, Any]) -> None:
    """Check a parsed report against schema 1; ValueError says where it departs from it."""
    error = jsonschema.exceptions.best_match(_validator().iter_errors(report))
    if error is not None:
        raise ValueError(f"{error.json_path}: {error.message[:500]}")


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report."""
    source = resources.files("grader.report").joinpath("report.schema.json")
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return schema


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(report_schema())


def _portable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_portable(item) for item in value]
    return value
