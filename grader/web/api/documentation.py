"""The contract itself: for programs as an OpenAPI document, for people as a page."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flask import Response, render_template
from markupsafe import Markup, escape

from grader.web.api import blueprint
from grader.web.api.contract import document, operations, resolved
from grader.web.service import service


@blueprint.get("/openapi.json")
def show_document() -> Response:
    """Send the OpenAPI document."""
    return Response(_text(), mimetype="application/json")


@blueprint.get("/docs")
def show_documentation() -> str:
    """Show the document as a page."""
    return render_template(
        "api/documentation.html",
        api=document(),
        public_url=service().settings.public_url,
        operations=operations(),
        resolved=resolved,
        prose=prose,
        type_of=type_of,
    )


@cache
def _text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=True)


def prose(text: str) -> Markup:
    """Return a description as HTML: paragraphs, `code`, and [links](#to)."""
    return Markup().join(Markup("<p>{}</p>").format(_line(part)) for part in text.split("\n\n"))


def _line(text: str) -> Markup:
    pieces = []
    for index, piece in enumerate(text.split("`")):
        pieces.append(Markup("<code>{}</code>").format(piece) if index % 2 else _links(piece))
    return Markup().join(pieces)


def _links(text: str) -> Markup:
    before, bracket, rest = text.partition("[")
    label, middle, rest = rest.partition("](")
    target, end, after = rest.partition(")")
    if not (bracket and middle and end):
        return escape(text)
    return escape(before) + Markup('<a href="{}">{}</a>').format(target, label) + _links(after)


def type_of(schema: dict[str, Any]) -> Markup:
    """Return what a value may be, in a few words, with links to the schemas that it names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "oneOf" in schema:
        return Markup(" or ").join(type_of(choice) for choice in schema["oneOf"])
    if "enum" in schema:
        return Markup(" ").join(Markup("<code>{}</code>").format(value or "null") for value in schema["enum"])
    if schema.get("format") == "binary":
        return escape("file")
    kinds = schema.get("type", "any")
    if kinds == "array":
        return Markup("list of {}").format(type_of(schema.get("items", {})))
    words = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if schema.get("format"):
        words += f" ({schema['format']})"
    if "minimum" in schema and "maximum" in schema:
        words += f", {schema['minimum']} to {schema['maximum']}"
    return escape(words)
