"""Checks a results.json against the form that Gradescope documents."""

import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = json.loads((Path(__file__).parent / "results.schema.json").read_text(encoding="utf-8"))


def parse_results(text: str) -> dict[str, Any]:
    """The results, if they are as they should be."""
    found: dict[str, Any] = json.loads(text, parse_constant=lambda name: 1 / 0)  # NaN is no JSON
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found
