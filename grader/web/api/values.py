"""Moments, addresses and numbers as the API writes them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, overload

from flask import url_for

from grader.web.service import service


@overload
def moment(at: datetime) -> str: ...
@overload
def moment(at: None) -> None: ...
@overload
def moment(at: datetime | None) -> str | None: ...
def moment(at: datetime | None) -> str | None:
    """Return the moment as ISO 8601 in UTC, with milliseconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address(endpoint: str, **parts: Any) -> str:
    """Return the whole address of a page or operation, under the name that people know the service by."""
    return service().settings.public_url + url_for(endpoint, **parts)


def finite(number: float | None) -> float | None:
    """Return the number; None for one that JSON can't say."""
    return number if number is not None and math.isfinite(number) else None
