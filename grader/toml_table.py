"""Reading TOML with types: every entry that is missing, unknown or malformed is noted, none raises."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


class TomlTable:
    """One TOML table: returns entries of the wanted type and notes a problem where one doesn't fit.

    entries: as tomllib gives them. where: its name with a dot behind, "" for the file.
    problems: the list to which every problem is added, as "name: what is wrong".
    An optional entry that is missing is empty and no problem.
    """

    def __init__(self, entries: dict[str, Any], where: str, problems: list[str]):
        self._left = dict(entries)
        self._where = where
        self._problems = problems

    def text(self, name: str) -> str:
        """Return an entry that is a text with something in it."""
        return str(self._take(name, _is_text, "a text", ""))

    def texts(self, name: str, optional: bool = False) -> tuple[str, ...]:
        """Return an entry that is a list of texts."""
        return tuple(self._take(name, _is_list_of_texts, "a list of texts", [], optional))

    def number(self, name: str) -> float:
        """Return an entry that is a finite number, 0 or more."""
        return float(self._take(name, _is_number, "a number, 0 or more", 0.0))

    def count(self, name: str) -> int:
        """Return an entry that is a whole number, 1 or more."""
        return int(self._take(name, _is_count, "a whole number, 1 or more", 1))

    def flag(self, name: str) -> bool:
        """Return an entry that is true or false."""
        return bool(self._take(name, lambda value: isinstance(value, bool), "true or false", False))

    def moment(self, name: str) -> datetime:
        """Return an entry that is a date and time with its offset from UTC."""
        expected = "a date and time with its offset from UTC, such as 2026-10-01T18:00:00+02:00"
        moment: datetime = self._take(name, _is_moment, expected, datetime.now(UTC))
        return moment

    def tables(self, name: str, optional: bool = False) -> list[TomlTable]:
        """Return an entry that is a list of tables; finish each with `end`."""
        found = self._take(name, _is_list_of_tables, f"tables that begin with [[{name}]]", [], optional)
        return [
            TomlTable(entries, f"{self._where}{name}[{number}].", self._problems)
            for number, entries in enumerate(found, 1)
        ]

    def table(self, name: str, optional: bool = False) -> TomlTable:
        """Return an entry that is a table; finish it with `end`."""
        entries = self._take(name, lambda value: isinstance(value, dict), "a table", {}, optional)
        return TomlTable(entries, f"{self._where}{name}.", self._problems)

    def numbers(self, name: str, optional: bool = False) -> dict[str, float]:
        """Return an entry that is a table of numbers, whatever their names."""
        table = self.table(name, optional)
        return {entry: table.number(entry) for entry in list(table._left)}

    def words(self, name: str) -> dict[str, str]:
        """Return an entry that is a table of texts, whatever their names."""
        table = self.table(name)
        return {entry: table.text(entry) for entry in list(table._left)}

    def has(self, name: str) -> bool:
        """Whether the table has this entry and nobody asked for it yet."""
        return name in self._left

    def end(self) -> None:
        """Note every entry that nobody asked for."""
        self._problems += [f"{self._where}{name}: unknown entry" for name in self._left]

    def _take(
        self, name: str, fits: Callable[[Any], bool], expected: str, instead: Any, optional: bool = False
    ) -> Any:
        if name not in self._left:
            if not optional:
                self._problems.append(f"{self._where}{name}: missing")
            return instead
        value = self._left.pop(name)
        if fits(value):
            return value
        self._problems.append(f"{self._where}{name}: expected {expected}, got {value!r}")
        return instead


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1
