"""Where to go after signing in: a page of this service, never another one."""

from __future__ import annotations

import re

from flask import url_for

OWN_PAGE = re.compile(
    r"/(?![/\\])[!-\[\]-~]*"
)  # a path of this service, in printable ASCII, without backslash


def own_page(path: str | None) -> str:
    """Return the path if it is one of this service's; the front page otherwise."""
    return path if path and OWN_PAGE.fullmatch(path) else url_for("accounts.home")
