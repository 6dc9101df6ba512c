"""The OpenAPI document and the program tell the same: routes, parameters, answers, problems."""

import re

import pytest
from flask import Flask

from grader.db.database import Database
from grader.report.json_schema import report_schema
from grader.web.api import contract
from tests.api.client import ApiClient
from tests.api.conformance import check_value, documented_answers
from tests.api.conftest import ClientOf
from tests.markdown import read
from tests.people import World

PARAMETER = re.compile(r"\{(\w+)\}")


def routes(app: Flask) -> dict[str, tuple[str, str]]:
    """Method and path of every route of the API, by the name of its function; paths as in the document."""
    found = {}
    for rule in app.url_map.iter_rules():
        blueprint, _, name = rule.endpoint.partition(".")
        if blueprint == "api":
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            found[name] = (method, path)
    return found


def test_every_route_is_an_operation_and_every_operation_a_route(app: Flask):
    documented = {name: (found.method, found.path) for name, found in contract.operations().items()}
    assert documented == routes(app)


def test_the_parameters_of_a_path_are_those_that_are_described():
    for operation in contract.operations().values():
        assert set(PARAMETER.findall(operation.path)) == set(operation.in_place("path")), operation.name


def test_every_parameter_has_a_schema_that_the_program_can_read():
    for operation in contract.operations().values():
        for value in (*operation.parameters, *operation.fields):
            assert value.is_file or value.expected, value


def test_every_schema_and_every_reference_holds():
    text = str(contract.document())
    for name in contract.document()["components"]["schemas"]:
        contract.validator(f"/components/schemas/{name}").is_valid({})
    for reference in re.findall(r"'\$ref': '(#[^']+)'", text):
        assert contract.at(reference.removeprefix("#")) is not None


def test_every_problem_is_told_where_it_may_come():
    """Each code of the list is named by an answer of its status; two belong to no operation."""
    described = [
        (int(status), contract.resolved(answer)["description"])
        for item in contract.document()["paths"].values()
        for method in ("get", "post")
        for status, answer in item.get(method, {}).get("responses", {}).items()
    ]
    for code, facts in contract.document()["components"]["x-problems"].items():
        told = any(status == facts["status"] and f"`{code}`" in text for status, text in described)
        assert told == (code not in ("method-not-allowed", "internal-error")), code


def test_the_document_is_served_whole_to_anybody(client_of: ClientOf):
    served = client_of(None).get("/openapi.json").get_json()
    assert served == contract.document()
    assert served["openapi"] == "3.1.0"
    tests = served["components"]["schemas"]["Report"]["properties"]["tests"]
    assert tests["items"] == {"$ref": "#/components/schemas/Report/$defs/test"}
    assert set(served["components"]["schemas"]["Report"]["properties"]) == set(report_schema()["properties"])


def test_every_operation_answers_an_unknown_query_parameter(ada: ApiClient):
    for operation in contract.operations().values():
        path = re.sub(r"\{(public_id|webhook|delivery)\}", "2" * 12, operation.path).replace("{course}", "dl")
        if operation.name == "create_submission":
            continue  # its body comes later
        answer = ada.ask(operation.method, f"{path}?x=1")
        assert answer.status_code in (403, 422), operation.name


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_problems_too(ada: ApiClient, method: str):
    answer = ada.ask(method, "/me")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert answer.get_json()["code"] == "method-not-allowed"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_an_address_that_is_no_operation_s_is_a_problem(ada: ApiClient):
    for path in ("", "/", "/none", "/submissions/a/b/c", "/courses/dl", "/me/"):
        answer = ada.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
        check_value("/components/schemas/Problem", answer.get_json())


def test_a_bug_of_ours_is_a_problem_that_tells_nothing(
    app: Flask, ada: ApiClient, database: Database, world: World
):
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    with database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE courses RENAME TO gone")
    answer = app.test_client().get("/api/v1/courses", headers={"Authorization": f"Bearer {ada.token}"})
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal-error")
    assert "courses" not in answer.text
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


def test_each_documented_answer_is_listed_once():
    listed = documented_answers()
    assert len(listed) == len(set(listed)) > 60


def test_the_reference_lists_every_operation_with_its_scope():
    rows = re.findall(r"^\| `(\w+) (\S+)` \| (\S+) \| (\d+)", read("docs/reference/api.md"), re.MULTILINE)
    expected = {
        (
            found.method,
            found.path,
            "none" if found.scopes is None else " ".join(code_words(found.scopes)) or "any",
        )
        for found in contract.operations().values()
    }
    assert {row[:3] for row in rows} == expected
    for method, path, _, status in rows:
        assert status in contract.document()["paths"][path][method.lower()]["responses"]


def test_the_reference_lists_every_problem():
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", read("docs/reference/api.md"), re.MULTILINE)
    problems = contract.document()["components"]["x-problems"]
    assert rows == [(code, str(facts["status"])) for code, facts in problems.items()]


def code_words(scopes: tuple[str, ...]) -> list[str]:
    return [f"`{scope}`" for scope in scopes]
