"""Passwords: hashed with Argon2id at the cost that OWASP recommends, and long enough to be worth it."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
MIN_DIFFERENT_CHARACTERS = 5

# 19 MiB, so that sixteen sign-ins at once fit a small machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(text: str) -> str:
    """Return the hash of a password, with its salt and parameters, to be stored."""
    return HASHER.hash(_normal(text))


def is_right(password_hash: str | None, text: str) -> bool:
    """Whether the text is the password of this hash; without a hash it is not, and that takes as long."""
    try:
        HASHER.verify(password_hash or _hash_of_nothing(), _normal(text[:MAX_CHARACTERS]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None and len(text) <= MAX_CHARACTERS


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made at another cost than today's, and should be made anew at the next sign-in."""
    return HASHER.check_needs_rehash(password_hash)


def weakness(text: str, *known: str) -> str:
    """Return why a new password is too weak, "" if it is not; `known` is what anyone knows of its owner."""
    if len(text) < MIN_CHARACTERS:
        return f"Please use {MIN_CHARACTERS} characters or more. A few words in a row are easy to remember."
    if len(text) > MAX_CHARACTERS:
        return f"Please use {MAX_CHARACTERS} characters or fewer."
    if len(set(text)) < MIN_DIFFERENT_CHARACTERS:
        return "Please use more different characters."
    if text.strip().lower() in {fact.strip().lower() for fact in known}:
        return "Please use something that others do not know about you."
    return ""


def _normal(text: str) -> str:
    """Return the same characters for what looks the same: keyboards differ in how they write ä."""
    return unicodedata.normalize("NFKC", text)


@cache
def _hash_of_nothing() -> str:
    return HASHER.hash("")
