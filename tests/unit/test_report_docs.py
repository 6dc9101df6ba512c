"""The reference page names every field of the report's schema and every outcome."""

from pathlib import Path

from grader.report.json_schema import report_schema

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "report.md"


def test_every_field_and_outcome_is_documented():
    page, schema = PAGE.read_text("utf-8"), report_schema()
    names = set(schema["properties"]) | set(schema["$defs"]["outcome"]["enum"])
    for part in schema["$defs"].values():
        names |= set(part.get("properties", {}))
    assert {name for name in names if f"`{name}`" not in page and f'"{name}"' not in page} == set()
