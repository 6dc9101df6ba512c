"""Moments in templates: `{{ at | moment }}` gives a <time> element that a program can read, too.

`{{ text | with_moments }}` does the same for moments that stand in a sentence, as the filter writes them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Flask
from markupsafe import Markup, escape

_FORMAT = "%d %B %Y, %H:%M UTC"
_WRITTEN = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC\b")


def install(app: Flask) -> None:
    """Give templates the filters `moment`, `day` and `with_moments`."""
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["with_moments"] = with_moments


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


def with_moments(text: str) -> Markup:
    """Return the sentence with its moments as <time> elements."""
    return Markup(_WRITTEN.sub(_element, str(escape(text))))


def _element(written: re.Match[str]) -> str:
    try:
        return str(moment(datetime.strptime(written[0], _FORMAT).replace(tzinfo=UTC)))
    except ValueError:
        return written[0]
