"""Where a run's results go: a JSON file with every value, and the table in the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.marked_page import fill
from bench.table import render

ROOT = Path(__file__).parents[1]
LATEST = ROOT / "bench" / "results" / "latest.json"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"


def write_results(results: dict[str, Any], path: Path) -> None:
    """Write every value, one cell a line, so that a diff shows which cells changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [
        f"  {json.dumps(row)}: {{\n"
        + ",\n".join(f"   {json.dumps(column)}: {json.dumps(values)}" for column, values in columns.items())
        + "\n  }"
        for row, columns in results["measurements"].items()
    ]
    head = json.dumps({**results, "measurements": "CELLS"}, indent=1, ensure_ascii=False)
    path.write_text(head.replace('"CELLS"', "{\n" + ",\n".join(cells) + "\n }") + "\n", encoding="utf-8")


def publish(results: dict[str, Any], latest: Path = LATEST, page: Path = PAGE) -> None:
    """Keep a full run as the latest, and put its table between the page's markers."""
    write_results(results, latest)
    fill(page, "bench", "bench", render(results))
