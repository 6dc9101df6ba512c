"""Moments in templates: `{{ at | moment }}` gives a <time> element that a program can read, too."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from markupsafe import Markup


def install(app: Flask) -> None:
    """Give templates the filters `moment` and `day`."""
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["day"] = day


def moment(at: datetime) -> Markup:
    """Return the moment as a <time> element in UTC; static/moments.js shows it in the reader's own zone."""
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(timespec="seconds"), f"{utc.day} {utc:%B %Y, %H:%M} UTC"
    )


def day(at: datetime) -> Markup:
    """Return the day as a <time> element."""
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(utc.date().isoformat(), f"{utc.day} {utc:%B %Y}")
