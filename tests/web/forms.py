"""Filling in forms as a browser does: every field the page has, with a person's own changes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Forms(HTMLParser):
    """Collects the forms of a page: their action, method, and fields with their values."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(
                {"action": given.get("action"), "method": given.get("method", "get"), "fields": {}}
            )
        elif tag == "input" and self.forms and given.get("name"):
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.forms[-1]["fields"][given["name"]] = given.get("value") or ""


def forms_in(page: str) -> list[dict[str, Any]]:
    """Return the forms of a page."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def without_token(page: str) -> str:
    """Return a page without the token of its forms, which has any short word in it now and then."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def submit(browser: FlaskClient, path: str, action: str | None = None, **changes: Any) -> TestResponse:
    """Open the page and send its form (the one with this action) with the changes; follow nothing."""
    page = browser.get(path)
    (form,) = [
        form
        for form in forms_in(page.text)
        if form["method"] == "post" and form["action"] != "/sign-out" and action in (None, form["action"])
    ]
    return browser.post(form["action"] or path, data={**form["fields"], **changes})
