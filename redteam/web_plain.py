"""The plain site as a target."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import requests

from redteam.plain.site import STUDENT, TEACHER, make_site
from redteam.web_serving import served
from redteam.web_target import Shown, Write

MAILS = {"student": STUDENT, "staff": TEACHER}
OF_PEOPLE = ("display-name", "section", "e-mail")


class PlainSite:
    """See Target."""

    names: ClassVar = {"student": "Ada Byron", "staff": "Tara Rao", "attacker": "Tara Rao"}
    routes: ClassVar = {
        "home": "/",
        "sign-in": "/login",
        "sign-out": "/logout",
        "name": "/profile",
        "hand-in": "/upload",
        "submission": "/row/0",
        "score": "/row/0",
        "api-hand-in": "/upload",
        "hook": "/hook",
        "link-by-mail": f"/reset/{STUDENT}",
    }
    mails: ClassVar = {"student": STUDENT, "attacker": TEACHER}

    def __init__(self) -> None:
        self._log = io.StringIO()
        self.app = make_site(self._log)
        self.app.logger.disabled = True  # it fails often, which is the point
        self._sessions: dict[str, str] = self.app.config["sessions"]
        self._rows: list[dict[str, Any]] = self.app.config["rows"]
        self._people: dict[str, dict[str, Any]] = self.app.config["people"]
        self._rows.append({"owner": STUDENT, "filename": "nn.zip", "score": 40})
        self.address = ""

    def cookie(self, person: str) -> dict[str, str]:
        self._sessions[f"of-{person}"] = MAILS[person]
        return {"name": "sid", "value": f"of-{person}", "url": self.address}

    def bearer(self, person: str) -> str:
        return MAILS[person]

    def hidden_fields(self, session: requests.Session, path: str) -> dict[str, str]:
        return {}

    def plant(self, place: str, texts: Sequence[str]) -> list[Shown]:
        if place in OF_PEOPLE:
            for number, text in enumerate(texts):
                self._people[f"s{number}@example.org"] = {"name": text, "section": "A", "role": "student"}
        first = len(self._rows)
        ends = {"upload-name": "", **dict.fromkeys(OF_PEOPLE, "-nn.zip")}
        for text in texts:
            name = text + ends[place] if place in ends else "nn.zip"
            self._rows.append({"owner": STUDENT, "score": 40, "filename": name, place: text})
        return [Shown("staff", f"/row/{number}") for number in range(first, len(self._rows))]

    def terminals(self) -> dict[str, str]:
        return {"the page read by curl": "\n".join(map(_plainly, self._rows))}

    def log(self) -> str:
        return self._log.getvalue()

    def state(self) -> Any:
        return copy.deepcopy([self._rows, self._people, self.app.config["pushes"]])

    def protected(self) -> Any:
        rights = {mail: person["role"] for mail, person in self._people.items()}
        return copy.deepcopy([[(row["owner"], row["score"]) for row in self._rows], rights])

    def pushes(self) -> int:
        return len(self.app.config["pushes"])

    def commit_that_counts(self) -> str:
        return str(self.app.config["pushes"][-1]["after"])

    def hand_in_pushes(self, history: Sequence[str]) -> None:
        """Whatever came last counts."""

    def attempts(self) -> int:
        return sum(row["owner"] == STUDENT for row in self._rows)

    def hook_secret(self) -> str:
        return "a secret that nobody asks for"

    def hook_kind(self, kind: str) -> str:
        return self.routes["hook"]

    def writes(self) -> list[Write]:
        return [
            Write("/profile", {"name": "Forged"}),
            Write("/upload", {"filename": "forged.zip"}),
            Write("/row/0", {"score": "100"}),
        ]

    def reads(self) -> list[str]:
        return ["/", "/row/0", "/row/0/file", "/grades.csv"]

    def exports(self) -> list[str]:
        return ["/grades.csv"]

    def secrets(self) -> dict[str, str]:
        requests.get(f"{self.address}/password?token=secret-of-ada", timeout=60)
        return {"the token of a link": "secret-of-ada"}


@contextmanager
def running_plain_site() -> Iterator[PlainSite]:
    """Serve it on a free port of loopback."""
    site = PlainSite()
    with served(site.app) as site.address:
        yield site


def _plainly(row: dict[str, Any]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in row.items())
