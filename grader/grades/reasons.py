"""Every decision has a reason, which the student reads."""

from __future__ import annotations

MAX_REASON_CHARS = 2000


def normal(reason: str) -> str:
    """Return the reason as it is kept: without white space around it, one kind of line end."""
    return "\n".join(reason.strip().splitlines())


def problem(reason: str) -> str:
    """Return what is wrong with the reason, "" if nothing is."""
    if not reason:
        return "Give a reason. The student reads it."
    if len(reason) > MAX_REASON_CHARS:
        return f"That is {len(reason)} characters; {MAX_REASON_CHARS} is the most."
    return ""
