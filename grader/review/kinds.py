"""What each code of a flag is about, in the queue's words; docs/reference/review-flags.md explains them."""

from __future__ import annotations

import enum


class Kind(enum.StrEnum):
    """What staff filter by. Notes are for information: they are nobody's task."""

    RULES = "rules"
    WEIGHTS = "weights"
    TIMING = "timing"
    SANDBOX = "sandbox"
    CODE = "code"
    NOTES = "notes"


KIND_WORDS = {
    Kind.RULES: "Off-limits API",
    Kind.WEIGHTS: "Weights from elsewhere",
    Kind.TIMING: "Odd times and accuracies",
    Kind.SANDBOX: "Refused by the sandbox",
    Kind.CODE: "Unusual code",
    Kind.NOTES: "Notes",
}

CODES = {
    "off-limits-api": (Kind.RULES, "Uses what is off limits"),
    "pretrained-weights": (Kind.WEIGHTS, "May bring weights along"),
    "odd-timing": (Kind.TIMING, "Odd timing"),
    "odd-accuracy": (Kind.TIMING, "Odd accuracy"),
    "sandbox-denial": (Kind.SANDBOX, "Tried what the sandbox forbids"),
    "sandbox-limit": (Kind.SANDBOX, "Too many processes or files"),
    "network-attempt": (Kind.SANDBOX, "Tried to use the network"),
    "disturbed-tests": (Kind.SANDBOX, "Disturbed the tests"),
    "test-detection": (Kind.CODE, "Looks at the program around it"),
    "dynamic-import": (Kind.CODE, "Reaches code by computed names"),
    "process-or-network": (Kind.CODE, "Processes, threads or network"),
    "patches-library": (Kind.CODE, "Changes a library"),
    "unreadable-source": (Kind.CODE, "Can’t be read"),
    "noted-api": (Kind.NOTES, "Noted API"),
    "unused-import": (Kind.NOTES, "Imported and not used"),
    "syntax-error": (Kind.NOTES, "Not Python"),
    "shadows-module": (Kind.NOTES, "Bears the name of a library"),
    "more-flags": (Kind.NOTES, "More of the same"),
}


def kind_of(code: str) -> Kind:
    """Return what a code is about; one that nobody knows here is unusual code."""
    return CODES.get(code, (Kind.CODE, ""))[0]


def code_words(code: str) -> str:
    """Return a code as people read it."""
    return CODES.get(code, (Kind.CODE, code))[1]


def codes_of(kind: Kind) -> list[str]:
    """Return the codes that are of this kind."""
    return [code for code, (its, _) in CODES.items() if its is kind]
