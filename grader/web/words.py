"""Numbers as people say them."""

from __future__ import annotations


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 person`, `2 people`: the number with the noun in the right form."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: int) -> str:
    """Return `40 seconds` or `3 minutes`, rounded up."""
    if seconds < 60:
        return count(seconds, "second")
    return count(-(-seconds // 60), "minute")
