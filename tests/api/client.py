"""A client of the API that holds every answer against the document."""

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from grader.accounts.tokens import create_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Scope, User
from grader.web.api import contract
from tests.api.conformance import check
from tests.submissions.archives.packing import as_zip, honest_tree

ROOT = "/api/v1"

_marks = itertools.count(1)


@dataclass(frozen=True)
class ApiClient:
    """Asks with one token, or with none."""

    app: Flask
    token: str | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.ask("POST", path, **options)

    def hand_in(self, archive: Any = None, key: str | None = None, **fields: Any) -> TestResponse:
        """Hand in for the unit nn of the course dl: an honest archive, these bytes, or this field."""
        field = honest_archive() if archive is None else archive
        if isinstance(field, bytes):
            field = (io.BytesIO(field), "nn.zip")
        form = {"course": "dl", "unit": "nn", "archive": field, **fields}
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.post("/submissions", data=form, headers=headers, content_type="multipart/form-data")

    def ask(self, method: str, path: str, headers: Mapping[str, str] = {}, **options: Any) -> TestResponse:
        given = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        answer = self.app.test_client().open(
            ROOT + path, method=method, headers={**given, **headers}, buffered=True, **options
        )
        if (operation := self._operation(method, path)) is not None:
            check(operation, answer)
        return answer

    def _operation(self, method: str, path: str) -> contract.Operation | None:
        try:
            endpoint, _ = self.app.url_map.bind("").match(ROOT + path.partition("?")[0], method)
        except HTTPException:
            return None
        return contract.operations()[endpoint.removeprefix("api.")]


def honest_archive() -> bytes:
    """A small complete hand-in, another one each time."""
    return as_zip({**honest_tree(), "notes.md": f"take {next(_marks)}".encode()})


def new_token(
    database: Database, user: User, *scopes: Scope, lifetime: timedelta = timedelta(days=30)
) -> str:
    with database.writing() as session:
        return create_token(session, user.id, "for tests", scopes, lifetime, now())[1]


def code_of(answer: TestResponse) -> str:
    """The problem's stable name."""
    found: str = answer.get_json()["code"]
    return found
