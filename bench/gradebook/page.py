"""The table of the gradebook's benchmark."""

from __future__ import annotations

from functools import partial
from typing import Any

from bench.service import page

AIM_MS = 300


def render(results: dict[str, Any]) -> str:
    """Return the table of all databases."""
    note = (
        f"{results['students']} students, {results['submissions']} submissions; {results['visits']} visits. "
        f"Milliseconds: median / 95th percentile; aim for pages: median ≤ {AIM_MS}."
    )
    measured = next(iter(results["databases"].values()))["times"]
    rows = {name: partial(_cell, name) for name in measured}
    return page.render(results, note, "gradebook", {**rows, "cells compared, of which differ": _compared})


def publish(results: dict[str, Any]) -> None:
    """Put the table into its place on the page."""
    page.publish("gradebook", render(results))


def _cell(name: str, found: dict[str, Any]) -> str:
    figures = found["times"][name]
    missed = " (missed)" if figures["median_ms"] > AIM_MS and not name.startswith("file") else ""
    return f"{figures['median_ms']:g} / {figures['p95_ms']:g}{missed}"


def _compared(found: dict[str, Any]) -> str:
    return f"{found['cells']}, {len(found['wrong'])}"
