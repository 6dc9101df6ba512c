"""The page of the service's benchmarks: a table for each of them, a column for each database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bench.marked_page import fill
from bench.publication import ROOT

PAGE = ROOT / "docs" / "reference" / "service-benchmarks.md"


def render(results: dict[str, Any], note: str, title: str, rows: Mapping[str, Callable[[Any], Any]]) -> str:
    """Return when and where the results were taken, with the note, and the table.

    `rows` says of each row how its cell is made of what was found on one database.
    """
    databases: dict[str, Any] = results["databases"]
    machine = results["machine"]
    lines = [
        f"Taken on {results['date']} on {machine['cpu_model']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['kernel']}; load average at the start "
        f"{machine['load_average']}. {note}",
        "",
        f"| {title} | {' | '.join(databases)} |",
        f"| --- |{' ---: |' * len(databases)}",
    ]
    for name, cell in rows.items():
        lines.append(f"| {name} | {' | '.join(str(cell(found)) for found in databases.values())} |")
    return "\n".join(lines) + "\n"


def publish(name: str, table: str) -> None:
    """Put the table of the benchmark `bench.NAME` into its place on the page."""
    fill(PAGE, name, f"bench.{name}", table)
