"""Measured values by row and column, and the few statistics that the table shows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

PLAIN = "docker run"  # the baseline of a submission
IN_PROCESS = "in-process"  # the baseline of a call


class Measurements:
    """Every single value, by row (what was measured) and column (of what)."""

    def __init__(self, values: dict[str, dict[str, list[float]]] | None = None):
        self.values = values or {}

    def add(self, row: str, column: str, *values: float) -> None:
        """Append values to a cell; significant digits beyond the sixth are noise."""
        cell = self.values.setdefault(row, {}).setdefault(column, [])
        cell += [float(f"{value:.6g}") for value in values]

    def cell(self, row: str, column: str) -> list[float]:
        """Return a cell's values in the order measured, none if it was not measured."""
        return self.values.get(row, {}).get(column, [])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of all values don't exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def variation(values: Sequence[float]) -> float:
    """Return the coefficient of variation (standard deviation of the sample over mean), 0 for one value."""
    return statistics.stdev(values) / statistics.mean(values) if len(values) > 1 else 0.0
