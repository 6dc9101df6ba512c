"""E-mail addresses, by which people are known."""

from __future__ import annotations

import re

MAX_CHARACTERS = 254
SHAPE = re.compile(r"[^\s@<>(),;:\"\\]+@[^\s@<>(),;:\"\\]+\.[^\s@<>(),;:\"\\.]+")


def normal(email: str) -> str:
    """Return the address as accounts keep it: in lower case, without space around it."""
    return email.strip().lower()


def is_address(email: str) -> bool:
    """Whether the text has the shape of one e-mail address; only a message to it would prove more."""
    return len(email) <= MAX_CHARACTERS and email.isprintable() and SHAPE.fullmatch(email) is not None
