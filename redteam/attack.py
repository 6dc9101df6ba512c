"""Attacks as data: one folder each, `tests/attacks/<section>/<name>/`, with an `attack.toml` and its payload.

    lines = ["exit-at-import"]       # which lines of the corpus it stands for, as corpus.toml names them
    description = "one sentence: what it does and what it hopes for"
    channel = "submission"           # how it is handed in, and so who runs it: see CHANNELS
    outcomes = ["0"]                 # how it may end here, see Outcome; any other end is a breach
    asserts = ["a0", "ah"]           # what is looked at besides: see Assertion
    fires = "points"                 # what it achieves on the plain harness, in the channel's words
    [payload]                        # what else the channel must know, in its own keys
    [files]                          # files of the payload given inline, because our own tools would
    "conftest.py" = "…"              #   act on them in a folder; all others lie beside attack.toml

`@TOKEN@` in a file of the payload stands for a word drawn anew for each run: what an attack leaves
somewhere carries it, so that it can be found.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
ATTACKS = CHECKOUT / "tests" / "attacks"
ATTACK_FILE, CORPUS_FILE = "attack.toml", "corpus.toml"
CHANNELS = ("submission", "mnist", "archive", "git", "web", "service", "asking")


class Outcome(StrEnum):
    """How an attack may end and be contained."""

    REJECTED = "R"  # refused at intake
    NO_POINTS = "0"  # the tests that it is about score 0
    CONTAINED = "C"  # it ends in the sandbox, and the error is the student's
    NO_EFFECT = "N"
    FLAGGED = "F"  # flagged for staff


class Assertion(StrEnum):
    """What is looked at besides the outcome."""

    SCORE = "a0"  # the score is at most that of the same submission without the payload
    CANARY = "ak"  # no byte that leaves the sandbox holds the canary, in no form
    HOST = "ah"  # the host is as it was: processes, control groups, mounts, disk, inodes, /tmp, /dev/shm
    NEIGHBOUR = "aq"  # an honest submission graded at the same time gets full marks within its budget


class AttackError(Exception):
    """An attack's folder is malformed."""


@dataclass(frozen=True)
class Attack:
    """One attack; fields as in `attack.toml`. `files` holds the payload, path → content."""

    name: str
    section: str
    lines: tuple[str, ...]
    description: str
    channel: str
    outcomes: tuple[Outcome, ...]
    asserts: tuple[Assertion, ...]
    fires: str
    folder: Path
    payload: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def with_token(self, token: str) -> dict[str, bytes]:
        """Return the payload's files with `@TOKEN@` replaced."""
        return {path: content.replace(b"@TOKEN@", token.encode()) for path, content in self.files.items()}


@dataclass(frozen=True)
class Section:
    """One section of the corpus: its letter, title, and lines by name."""

    letter: str
    title: str
    lines: dict[str, str]


def load_corpus(folder: Path = ATTACKS) -> dict[str, Section]:
    """Return the sections of the corpus by letter."""
    data = tomllib.loads((folder / CORPUS_FILE).read_text(encoding="utf-8"))
    return {letter: Section(letter, table["title"], table["lines"]) for letter, table in data.items()}


def load_attacks(folder: Path = ATTACKS) -> list[Attack]:
    """Return all attacks, sorted by name (`A/exit-at-import`). Raises AttackError for a malformed one."""
    corpus = load_corpus(folder)
    files = sorted(folder.glob(f"*/*/{ATTACK_FILE}"))
    return [_load(file.parent, corpus) for file in files]


def _load(folder: Path, corpus: dict[str, Section]) -> Attack:
    section, name = folder.parent.name, f"{folder.parent.name}/{folder.name}"
    try:
        table = tomllib.loads((folder / ATTACK_FILE).read_text(encoding="utf-8"))
        inline = {path: text.encode() for path, text in table.pop("files", {}).items()}
        attack = Attack(
            name=name,
            section=section,
            lines=tuple(table.pop("lines")),
            outcomes=tuple(map(Outcome, table.pop("outcomes"))),
            asserts=tuple(map(Assertion, table.pop("asserts"))),
            folder=folder,
            files=_payload_files(folder) | inline,
            **table,
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise AttackError(f"attack {name}: {type(error).__name__}: {error}") from error
    known = corpus[section].lines if section in corpus else {}
    if not attack.lines or not set(attack.lines) <= known.keys():
        raise AttackError(
            f"attack {name}: its lines must be among those of section {section} in {CORPUS_FILE}"
        )
    if attack.channel not in CHANNELS:
        raise AttackError(f"attack {name}: the channel must be one of {', '.join(CHANNELS)}")
    if not attack.outcomes:
        raise AttackError(f"attack {name}: says no outcome")
    return attack


def _payload_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ATTACK_FILE and "__pycache__" not in path.parts
    }
