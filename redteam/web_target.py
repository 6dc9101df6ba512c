"""What attacks on web pages work on: a site that runs. The plain one and ours offer the same.

A *tactic* is a function of such a site and an attack. It tries the attack and returns what it achieved, so
the very code that finds this grader unharmed has found the plain site harmed in the same run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from redteam.attack import Attack

PATIENCE_S = 60
ESCAPE = re.compile(r"\\(?:[rnt]|x[0-9a-f]{2}|u[0-9a-f]{4})")


@dataclass(frozen=True)
class Seen:
    """What a tactic tried, in words with figures, and each thing that it achieved."""

    tried: str
    achieved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A page where something that was planted may be seen, and who looks at it: student or staff."""

    person: str
    path: str


@dataclass(frozen=True)
class Write:
    """A request that changes something: its path, and a form that would do."""

    path: str
    form: Mapping[str, str] = field(default_factory=dict)


class Target(Protocol):
    """A running site. People are `student` (who attacks, or is attacked), `staff`, and `nobody`."""

    address: str
    names: Mapping[str, str]  # what a person's own page says of them
    routes: Mapping[str, str]  # paths by what they are for: sign-in, name, hand-in, submission, …

    def cookie(self, person: str) -> dict[str, str]:
        """Return the cookie of a person who is signed in."""

    def bearer(self, person: str) -> str:
        """Return a token of this person's for programs."""

    def hidden_fields(self, session: requests.Session, path: str) -> dict[str, str]:
        """Return what a form of this page carries besides what people fill in."""

    def plant(self, place: str, texts: Sequence[str]) -> list[Shown]:
        """Store the texts as they would come in there; return the pages that may show them."""

    def terminals(self) -> dict[str, str]:
        """Return what of it reaches terminals: by where, the text that is printed there."""

    def log(self) -> str:
        """Return all that was logged."""

    def state(self) -> Any:
        """Return everything that is stored, to be compared."""

    def protected(self) -> Any:
        """Return what no student may change in any way: scores, rights, times, others' things."""

    def writes(self) -> list[Write]:
        """Return every request that writes, as staff's browsers could make it."""

    def reads(self) -> list[str]:
        """Return the paths of all pages and files for staff."""

    def exports(self) -> list[str]:
        """Return the paths of the tables that staff open in a spreadsheet."""

    def secrets(self) -> dict[str, str]:
        """Use each kind of secret once; return them, by kind."""


def session_of(site: Target, person: str) -> requests.Session:
    """Return an HTTP session in which the person is signed in."""
    session = requests.Session()
    session.trust_env = False
    if person != "nobody":
        cookie = site.cookie(person)
        session.cookies.set(cookie["name"], cookie["value"], domain="127.0.0.1")
    return session


def texts_of(attack: Attack, token: str) -> list[str]:
    """Return the texts of the payload, one a file, or one a line of `texts.txt`; escapes as in Python.

    Each holds the token with its own number, so that what is found tells which it was.
    """
    texts = []
    for path, content in sorted(attack.files.items()):
        parts = content.decode().splitlines() if path == "texts.txt" else [content.decode()]
        texts += [part for part in parts if part and not part.startswith("# ")]
    return [
        ESCAPE.sub(lambda found: str(ast.literal_eval(f"'{found[0]}'")), text).replace(
            "@TOKEN@", f"{token}x{number}"
        )
        for number, text in enumerate(texts)
    ]
