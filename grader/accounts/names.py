"""Names of people and what else they call things, however they come in: by forms, lists, providers, commands.

A name is shown to others, so it must be what it looks like. Signs that turn the direction of writing around,
that nothing is seen of, or that end a line are refused; where nobody is there to ask (a provider), left out.
"""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 120
JOINERS = "\u200c\u200d"  # not seen, but Persian and Indian names are not written rightly without them


def normal(name: str) -> str:
    """Return the name as it is kept: one space between words, the same characters for what looks the same."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def problem(name: str, max_characters: int = MAX_CHARACTERS) -> str:
    """Return why a `normal` name is none, "" if it is one."""
    if not any(ch.isalnum() for ch in name):
        return "Please enter a name."
    if len(name) > max_characters:
        return f"Please use {max_characters} characters or fewer."
    if not all(map(_is_shown, name)):
        return "Please leave out signs that can’t be shown."
    return ""


def cleaned(name: str) -> str:
    """Return what of the name can be kept, "" for nothing."""
    shown = "".join(ch if _is_shown(ch) else " " for ch in name)
    kept = normal(shown)[:MAX_CHARACTERS].strip()
    return "" if problem(kept) else kept


def _is_shown(ch: str) -> bool:
    return ch.isprintable() or ch in JOINERS
