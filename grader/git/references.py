"""Which references a push may change: branches and tags, so many, of names that are names everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.git.environment import DEFAULT_BRANCH, PINS
from grader.git.limits import GitLimits
from grader.git.requests import NOTHING, Command
from grader.submissions.names import shown, unsafe_reason

BRANCHES, TAGS = "refs/heads/", "refs/tags/"


def problem_with(commands: Sequence[Command], present: Mapping[str, str], limits: GitLimits) -> str | None:
    """Return why these changes to the `present` references are refused, all together; None if they are fine.

    What is let through, git can carry out: it may not be left to fail halfway, after a hand-in is stored.
    """
    if len({command.reference for command in commands}) < len(commands):
        return "A branch or tag is named twice in this push."
    after = {name for name in present if not name.startswith(f"{PINS}/")}
    for command in commands:
        name = command.reference
        if present.get(name, NOTHING) != command.old:
            return f"{shown(name)} was changed by another push meanwhile. Run git fetch and push again."
        if command.is_deletion:
            after.discard(name)
            continue
        problem = _problem_with_name(name, limits)
        if problem is not None:
            return problem
        after.add(name)
    if len(after) > limits.references:
        return f"There would be more than {limits.references} branches and tags. Delete some first."
    return _collision(after)


def stored_only(commands: Iterable[Command]) -> list[str]:
    """Return the branches and tags that are pushed, to be stored and not graded."""
    return [c.reference for c in commands if c.reference != DEFAULT_BRANCH and not c.is_deletion]


def _problem_with_name(name: str, limits: GitLimits) -> str | None:
    if not name.startswith((BRANCHES, TAGS)):
        return f"Only branches and tags can be pushed, not {shown(name)}."
    if len(name) > limits.reference_chars:
        return f"The name {shown(name)} is longer than {limits.reference_chars} characters."
    reason = unsafe_reason(name)
    return f"The name {shown(name)} is not accepted: {reason}." if reason else None


def _collision(names: Iterable[str]) -> str | None:
    """Return a sentence on two names of which only one can be there; some computers ignore case."""
    spellings: dict[str, str] = {}
    for name in sorted(names):
        other = spellings.setdefault(name.casefold(), name)
        if other != name:
            return f"{shown(name)} and {shown(other)} differ only in capitals. Rename one of them."
    for folded, name in spellings.items():
        parts = folded.split("/")
        for depth in range(3, len(parts)):
            parent = spellings.get("/".join(parts[:depth]))
            if parent is not None:
                return f"{shown(name)} can't be there beside {shown(parent)}. Choose another name."
    return None
