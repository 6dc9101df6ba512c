"""Moments that people type: in the time zone of their browser where scripts run, else in UTC.

The field is an `<input type="datetime-local">` with `data-utc` and a hidden one beside it. The script
static/local_moments.js shows the moment in the browser's zone, and sends it in UTC in the hidden field.
Without scripts that stays empty, and what was typed is UTC, as the label says. The same holds for a field in
which somebody has typed before the script came. Browsers must not fill the field in again by themselves
(`autocomplete="off"`): what they remember is in their zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from flask import Flask


def read_moment(form: Mapping[str, str], field: str) -> datetime | None:
    """Return the moment that was typed; None for an empty field. ValueError says what is wrong."""
    text = form.get(f"{field}_utc", "").strip() or form.get(field, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("Enter a date and a time, such as 2026-11-30 23:59.") from None


def field_value(at: datetime | None) -> str:
    """Return the moment as such a field's value, in UTC; "" for none."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def as_typed(form: Mapping[str, str], fields: Iterable[str]) -> dict[str, str]:
    """Return what was typed, to fill the form in again: moments in UTC, and one that is none as it is."""
    typed = {**form}
    for field in fields:
        with suppress(ValueError):
            typed[field] = field_value(read_moment(form, field))
    return typed


def install(app: Flask) -> None:
    """Give templates the filter `field_value`."""
    app.jinja_env.filters["field_value"] = field_value
