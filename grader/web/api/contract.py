"""The OpenAPI document as the program obeys it: operations, their parameters, fields, scopes and problems."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, cast

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from grader.report.json_schema import report_schema

BASE = "urn:grader:api"
METHODS = ("get", "post")
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Value:
    """A parameter or field: its place (`path`, `query`, `header`, `body`), and what it may be."""

    name: str
    place: str
    is_required: bool
    pointer: str  # to its schema in the document

    @property
    def is_file(self) -> bool:
        """Whether it is a file of the form."""
        return self._schema.get("format") == "binary"

    @property
    def default(self) -> Any:
        """What it is if it is not given."""
        return self._schema.get("default")

    def read(self, text: str) -> Any:
        """Return the value that the text stands for; ValueError says what was expected."""
        if "\0" in text:
            raise ValueError(self.expected)
        value: Any = text
        if self._schema.get("type") == "integer":
            value = int(text) if WHOLE_NUMBER.fullmatch(text) else text
        if not self._validator.is_valid(value):
            raise ValueError(self.expected)
        return value

    @cached_property
    def expected(self) -> str:
        """What it may be, in words."""
        schema = self._schema
        if "enum" in schema:
            return f"expected one of {', '.join(schema['enum'])}"
        if schema.get("type") == "integer":
            return f"expected a whole number from {schema['minimum']} to {schema['maximum']}"
        return f"expected a text that matches {schema['pattern']}"

    @cached_property
    def _schema(self) -> dict[str, Any]:
        return resolved(at(self.pointer))

    @cached_property
    def _validator(self) -> jsonschema.Draft202012Validator:
        return validator(self.pointer)


@dataclass(frozen=True)
class Operation:
    """One operation. `scopes` are what its token needs; None: it needs no token."""

    name: str
    method: str
    path: str
    scopes: tuple[str, ...] | None
    parameters: tuple[Value, ...]
    fields: tuple[Value, ...]

    def in_place(self, place: str) -> dict[str, Value]:
        """Return the parameters that are in this place, by name."""
        return {value.name: value for value in self.parameters if value.place == place}


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document, whole: with the schema of reports in its place."""
    source = resources.files("grader.web.api").joinpath("openapi.json")
    found: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    found["components"]["schemas"]["Report"] = _report_schema()
    return found


@cache
def operations() -> dict[str, Operation]:
    """Return all operations by name."""
    return {operation.name: operation for operation in _operations()}


def problem_facts(code: str) -> dict[str, Any]:
    """Return the status, title and text of a problem."""
    facts: dict[str, Any] = document()["components"]["x-problems"][code]
    return facts


def at(pointer: str) -> Any:
    """Return what a JSON pointer (`/components/schemas/Slug`) leads to in the document."""
    found: Any = document()
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def resolved(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a `$ref` leads to, with the keys beside it; anything else as it is."""
    if "$ref" not in found:
        return found
    beside = {key: value for key, value in found.items() if key != "$ref"}
    return {**resolved(at(found["$ref"].removeprefix("#"))), **beside}


def validator(pointer: str) -> jsonschema.Draft202012Validator:
    """Return what checks a value against the schema that the pointer leads to."""
    return jsonschema.Draft202012Validator({"$ref": f"{BASE}#{pointer}"}, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = DRAFT202012.create_resource(document())
    registry: Registry[Any] = Registry()
    return cast("Registry[Any]", registry.with_resource(BASE, resource))


def _report_schema() -> dict[str, Any]:
    """Return schema 1 as a part of the document; students get the provenance without what only staff need."""
    text = json.dumps(report_schema()).replace('"#/$defs/', '"#/components/schemas/Report/$defs/')
    schema: dict[str, Any] = json.loads(text)
    del schema["$schema"]
    for condition in schema["allOf"]:
        condition["then"]["properties"].pop("provenance", None)
    return schema


def _operations() -> Iterator[Operation]:
    for path, item in document()["paths"].items():
        shared = f"/paths/{path.replace('/', '~1')}"
        for method in METHODS:
            if method not in item:
                continue
            described = item[method]
            own = f"{shared}/{method}"
            yield Operation(
                described["operationId"],
                method.upper(),
                path,
                _scopes(described),
                (
                    *_parameters(item.get("parameters", []), shared),
                    *_parameters(described.get("parameters", []), own),
                ),
                tuple(_fields(described, own)),
            )


def _scopes(described: dict[str, Any]) -> tuple[str, ...] | None:
    security = described.get("security", document()["security"])
    return tuple(security[0]["token"]) if security else None


def _parameters(listed: list[dict[str, Any]], parent: str) -> Iterator[Value]:
    for index, parameter in enumerate(listed):
        pointer = parameter.get("$ref", f"#{parent}/parameters/{index}").removeprefix("#")
        facts = at(pointer)
        yield Value(facts["name"], facts["in"], facts.get("required", False), f"{pointer}/schema")


def _fields(described: dict[str, Any], parent: str) -> Iterator[Value]:
    if "requestBody" not in described:
        return
    pointer = f"{parent}/requestBody/content/multipart~1form-data/schema"
    schema = at(pointer)
    for name in schema["properties"]:
        yield Value(name, "body", name in schema["required"], f"{pointer}/properties/{name}")
