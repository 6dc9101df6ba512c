"""What a run has seen so far, kept as it goes: a run that was interrupted, or that led to a mending, goes on.

One line of JSON for each row. A row counts as long as its attack's folder is what it was.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redteam.attack import Attack
from redteam.observation import Fired, Held
from redteam.running import Broken, Row, Skipped

KINDS = {kind.__name__: kind for kind in (Fired, Held, Skipped, Broken)}


@dataclasses.dataclass(frozen=True)
class Taken:
    """A row, with the commit and the day on which it was taken."""

    row: Row
    commit: str
    date: str


class Record:
    """The rows in one file, newest last."""

    def __init__(self, path: Path):
        self._path = path

    def clear(self) -> None:
        """Forget all rows."""
        self._path.unlink(missing_ok=True)

    def add(self, row: Row, commit: str) -> Taken:
        """Keep a row at once; return it with its origin."""
        taken = Taken(row, commit, datetime.now(UTC).date().isoformat())
        line = {
            "attack": row.attack.name,
            "digest": _digest(row.attack),
            "commit": taken.commit,
            "date": taken.date,
            "plain": _plain_data(row.plain),
            "here": {place: _plain_data(seen) for place, seen in row.here.items()},
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return taken

    def rows(self, attacks: Sequence[Attack]) -> dict[str, Taken]:
        """Return the newest row of each of these attacks that has one, by the attack's name."""
        known = {(attack.name, _digest(attack)): attack for attack in attacks}
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        found: dict[str, Taken] = {}
        for line in map(json.loads, lines):
            attack = known.get((line["attack"], line["digest"]))
            if attack is not None:
                here = {place: _seen(data) for place, data in line["here"].items()}
                row = Row(attack, _seen(line["plain"]), here)
                found[attack.name] = Taken(row, line["commit"], line["date"])
        return found


def _digest(attack: Attack) -> str:
    """Return a digest of all that is in the attack's folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in attack.folder.rglob("*") if path.is_file()):
        if "__pycache__" not in path.parts:
            for part in (path.relative_to(attack.folder).as_posix().encode(), path.read_bytes()):
                digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _plain_data(seen: Any) -> dict[str, Any]:
    return {"kind": type(seen).__name__, **dataclasses.asdict(seen)}


def _seen(data: dict[str, Any]) -> Any:
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return KINDS[fields.pop("kind")](**fields)
