"""The table on the page of the service's benchmarks."""

from __future__ import annotations

from typing import Any

from bench.publication import ROOT

PAGE = ROOT / "docs" / "reference" / "service-benchmarks.md"
BEGIN = "<!-- pages: begin; written by python -m bench.pages -->"
END = "<!-- pages: end -->"
AIM_MS = 100


def render(results: dict[str, Any]) -> str:
    """Return the table of all databases."""
    databases: dict[str, dict[str, dict[str, float]]] = results["databases"]
    machine = results["machine"]
    lines = [
        f"Taken on {results['date']} on {machine['cpu_model']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['kernel']}; load average at the start "
        f"{machine['load_average']}. {results['students']} students, {results['submissions']} submissions; "
        f"{results['visits']} visits a page. Milliseconds: median / 95th percentile; aim: median ≤ {AIM_MS}.",
        "",
        f"| page | {' | '.join(databases)} |",
        f"| --- |{' ---: |' * len(databases)}",
    ]
    for name in next(iter(databases.values())):
        lines.append(f"| {name} | {' | '.join(_cell(found[name]) for found in databases.values())} |")
    return "\n".join(lines) + "\n"


def publish(results: dict[str, Any]) -> None:
    """Put the table between the page's markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{render(results)}\n{END}{after}", encoding="utf-8")


def _cell(figures: dict[str, float]) -> str:
    missed = " (missed)" if figures["median_ms"] > AIM_MS else ""
    return f"{figures['median_ms']:g} / {figures['p95_ms']:g}{missed}"
