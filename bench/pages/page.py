"""The table of pages."""

from __future__ import annotations

from functools import partial
from typing import Any

from bench.service import page

AIM_MS = 100


def render(results: dict[str, Any]) -> str:
    """Return the table of all databases."""
    note = (
        f"{results['students']} students, {results['submissions']} submissions; "
        f"{results['visits']} visits a page. Milliseconds: median / 95th percentile; aim: median ≤ {AIM_MS}."
    )
    visited = next(iter(results["databases"].values()))
    return page.render(results, note, "page", {name: partial(_cell, name) for name in visited})


def publish(results: dict[str, Any]) -> None:
    """Put the table into its place on the page."""
    page.publish("pages", render(results))


def _cell(name: str, found: dict[str, dict[str, float]]) -> str:
    figures = found[name]
    missed = " (missed)" if figures["median_ms"] > AIM_MS else ""
    return f"{figures['median_ms']:g} / {figures['p95_ms']:g}{missed}"
