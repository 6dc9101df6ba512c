"""Holds answers against the OpenAPI document: nothing may come that it does not tell of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from grader.web.api import contract

JSON_KINDS = ("application/json", "application/problem+json")


@dataclass(frozen=True)
class Documented:
    """An answer of the document: an operation's, with this status."""

    operation: str
    status: int


def documented_answers() -> list[Documented]:
    return [
        Documented(name, int(status))
        for name, operation in contract.operations().items()
        for status in _described(operation)["responses"]
    ]


def check(operation: contract.Operation, answer: TestResponse) -> Documented:
    """Assert that the document tells of this answer; return which of its answers it is."""
    pointer = _pointer(operation)
    status = str(answer.status_code)
    listed = contract.at(f"{pointer}/responses")
    assert status in listed, f"{operation.name} answered {status}, which is not documented: {answer.text}"
    pointer = listed[status].get("$ref", f"#{pointer}/responses/{status}").removeprefix("#")
    described = contract.at(pointer)
    _check_headers(described.get("headers", {}), answer.headers)
    content = described["content"]
    assert answer.mimetype in content, f"{operation.name} {status}: {answer.mimetype} is not documented"
    if answer.mimetype in JSON_KINDS:
        check_value(f"{pointer}/content/{answer.mimetype.replace('/', '~1')}/schema", answer.get_json())
    if answer.mimetype == "application/problem+json":
        problem = answer.get_json()
        assert problem["status"] == answer.status_code
        assert contract.problem_facts(problem["code"])["status"] == answer.status_code
        assert f"`{problem['code']}`" in described["description"]
    return Documented(operation.name, answer.status_code)


def check_value(pointer: str, value: Any) -> None:
    errors = [
        f"{error.json_path}: {error.message}" for error in contract.validator(pointer).iter_errors(value)
    ]
    assert errors == []


def _check_headers(described: Mapping[str, Any], found: Mapping[str, str]) -> None:
    for name, header in described.items():
        facts = contract.resolved(header)
        if facts.get("required"):
            assert name in found
        if name in found:
            value: Any = found[name]
            if facts["schema"]["type"] == "integer":
                value = int(value)
            assert contract.jsonschema.Draft202012Validator(facts["schema"]).is_valid(value)


def _described(operation: contract.Operation) -> Any:
    return contract.at(_pointer(operation))


def _pointer(operation: contract.Operation) -> str:
    return f"/paths/{operation.path.replace('/', '~1')}/{operation.method.lower()}"
