"""What every request must pass before a view sees it: token, rate limit, scope, parameters."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, g, request
from werkzeug.exceptions import NotFound

from grader.accounts.tokens import find_token, note_use
from grader.db.base import now
from grader.web.api import blueprint
from grader.web.api.contract import Operation, Value, operations
from grader.web.api.problems import Problem, challenge
from grader.web.api.rates import count_request
from grader.web.identity import Identity, current_identity, set_identity
from grader.web.service import reading, service

Errors = list[dict[str, str]]


def arguments() -> dict[str, Any]:
    """Return the request's query and header parameters, read as the contract says; None if not given."""
    return cast(dict[str, Any], g.arguments)


def operation() -> Operation:
    """Return which operation this request asks for."""
    return operations()[(request.endpoint or "").removeprefix(f"{blueprint.name}.")]


@blueprint.before_request
def admit() -> None:
    """Let the request through, or raise the Problem that it has."""
    asked = operation()
    if asked.scopes is not None:
        _identify()
    count_request()
    _check_scopes(asked.scopes or ())
    g.arguments = _read_parameters(asked)


@blueprint.after_request
def add_rates(response: Response) -> Response:
    """Tell how many requests are left."""
    response.headers.update(g.get("rates", {}))
    return response


def _identify() -> None:
    """Find out whose token this is. Asking with tokens that don't exist is counted by address."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        count_request()
        raise Problem("no-token")
    at = now()
    token = find_token(reading(), text.strip(), at)
    if token is None:
        count_request()
        raise Problem("invalid-token")
    set_identity(Identity(token.user, token))
    note_use(service().database, token, at)


def _check_scopes(needed: tuple[str, ...]) -> None:
    identity = current_identity()
    token = None if identity is None else identity.token
    missing = set(needed) - set(token.scopes.split() if token else ())
    if missing:
        scope = " ".join(sorted(needed))
        raise Problem(
            "insufficient-scope",
            f"This takes a token with the scope {scope}.",
            {"WWW-Authenticate": f'{challenge("insufficient-scope")}, scope="{scope}"'},
        )


def _read_parameters(asked: Operation) -> dict[str, Any]:
    for name, value in asked.in_place("path").items():
        _check_path(value, (request.view_args or {})[name])
    errors: Errors = []
    found = _read_query(asked.in_place("query"), errors)
    for name, value in asked.in_place("header").items():
        found[name] = _read(value, request.headers.get(name), errors)
    if errors:
        raise Problem("invalid-request", _in_words(errors), errors=errors)
    return found


def _check_path(value: Value, text: str) -> None:
    try:
        value.read(text)
    except ValueError:
        raise NotFound from None


def _read_query(known: dict[str, Value], errors: Errors) -> dict[str, Any]:
    for name in request.args:
        if name not in known:
            expected = f"expected one of {', '.join(known)}" if known else "there are none here"
            errors.append({"in": "query", "name": name, "text": f"unknown parameter; {expected}"})
        elif len(request.args.getlist(name)) > 1:
            errors.append({"in": "query", "name": name, "text": "given more than once"})
    return {name: _read(value, request.args.get(name), errors) for name, value in known.items()}


def read_form(asked: Operation) -> dict[str, Any]:
    """Return the form's fields, texts as texts and files as files; raises Problem.

    This is what reads the body, once; it must be the last check.
    """
    if request.mimetype != "multipart/form-data":
        raise Problem("unsupported-media-type")
    errors: Errors = []
    found: dict[str, Any] = {}
    known = {value.name: value for value in asked.fields}
    for name in [*request.form, *request.files]:
        if name not in known:
            errors.append(_wrong(name, f"unknown field; expected {', '.join(known)}"))
        elif len(request.form.getlist(name) + request.files.getlist(name)) > 1:
            errors.append(_wrong(name, "given more than once"))
    for name, value in known.items():
        if value.is_file:
            found[name] = request.files.get(name)
            if found[name] is None:
                errors.append(_wrong(name, "expected a file with a file name"))
        elif name not in request.form:
            errors.append(_wrong(name, "missing"))
        else:
            found[name] = _read(value, request.form[name], errors)
    if errors:
        raise Problem("invalid-request", _in_words(errors), errors=errors)
    return found


def _read(value: Value, text: str | None, errors: Errors) -> Any:
    if text is None:
        return value.default
    try:
        return value.read(text)
    except ValueError as error:
        errors.append({"in": value.place, "name": value.name, "text": str(error)})
        return None


def _wrong(name: str, text: str) -> dict[str, str]:
    return {"in": "body", "name": name, "text": text}


def _in_words(errors: Errors) -> str:
    return "; ".join(f"{error['name']}: {error['text']}" for error in errors)
