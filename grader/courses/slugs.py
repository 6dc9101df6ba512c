"""Names in addresses: their form, and the words that addresses of the service have taken already."""

from __future__ import annotations

import re
import unicodedata

FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_CHARACTERS = 40
FORM_IN_WORDS = "Use lower-case letters, digits and single hyphens, such as dl-2026."

# /courses/<here>, /git/<here>
RESERVED_FOR_COURSES = frozenset({"new"})
# /courses/<course>/<here>; also what pages of a unit are called, and pages to come are likely to be
RESERVED_FOR_UNITS = frozenset(
    {
        "analytics",
        "announcements",
        "api",
        "archive",
        "audit",
        "compare",
        "decisions",
        "export",
        "gradebook",
        "health",
        "help",
        "new",
        "people",
        "queue",
        "regrades",
        "repository",
        "review",
        "roster",
        "rubric",
        "settings",
        "similarity",
        "students",
        "submissions",
        "template",
        "terms",
        "tests",
        "units",
        "webhooks",
    }
)


def problem(slug: str, reserved: frozenset[str]) -> str:
    """Return why the text can't be a name in addresses, "" if it can."""
    if not slug:
        return f"Please enter a short name. {FORM_IN_WORDS}"
    if not FORM.fullmatch(slug):
        return FORM_IN_WORDS
    if len(slug) > MAX_CHARACTERS:
        return f"Please use {MAX_CHARACTERS} characters or fewer."
    if slug in reserved:
        return f"“{slug}” is the address of another page. Please choose another short name."
    return ""


def suggested(title: str) -> str:
    """Return a name for addresses made of a title; "" if nothing of it can be used."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_CHARACTERS].strip("-")
