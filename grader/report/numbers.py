"""Numbers that may be missing, NaN, infinite or absurd, and how people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable

MISSING = "–"
_LARGEST = 1e12
_ROUNDING = 1e-9


def finite(value: object, low: float = -_LARGEST, high: float = _LARGEST) -> float | None:
    """Return `value` as a float within [low, high], or None if it is not such a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and low <= number <= high else None


def total(values: Iterable[object]) -> float:
    """Return the sum of the finite ones among `values`."""
    return math.fsum(number for value in values if (number := finite(value)) is not None)


def points(value: object) -> str:
    """Return points with at most two decimals: `6`, `0.86`, `−30`."""
    number = finite(value)
    if number is None:
        return MISSING
    return f"{number:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def percent(value: object) -> str:
    """Return a share from 0 to 1 as `96.8 %`, rounded down: just short of 95 % is not 95.0 %."""
    number = finite(value, 0.0, 1.0)
    return MISSING if number is None else f"{math.floor(1000 * number + _ROUNDING) / 10:.1f} %"


def seconds(value: object) -> str:
    """Return a duration as `12 ms`, `0.84 s`, `11.2 s` or `128 s`."""
    number = finite(value, 0.0)
    if number is None:
        return MISSING
    if number < 0.1:
        return f"{1000 * number:.0f} ms"
    return f"{number:.2f} s" if number < 1 else f"{number:.1f} s" if number < 100 else f"{number:.0f} s"


def ratio(value: object) -> str:
    """Return a quotient as `1.14 ×`, rounded up: just above 3 is not 3.00 ×."""
    number = finite(value, 0.0)
    return MISSING if number is None else f"{math.ceil(100 * number - _ROUNDING) / 100:.2f} ×"


def decimal(value: object) -> str:
    """Return a loss or a coefficient with three significant digits."""
    number = finite(value)
    return MISSING if number is None else f"{number:.3g}"
