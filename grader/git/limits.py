"""How much a push and a repository may hold, and what git may use for it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.submissions.limits import MIB


@dataclass(frozen=True)
class GitLimits:
    """Caps on one push, one repository and one run of git.

    `push_bytes` is the size of a push as sent; `discarded_bytes` how much more is read and thrown away, so
    that the client hears why instead of a broken connection. `objects` is per push, `references` per
    repository. The commit's files are held to `IntakeLimits` besides, as those of every hand-in.
    """

    push_bytes: int = 32 * MIB
    discarded_bytes: int = 1024 * MIB
    repository_bytes: int = 256 * MIB
    objects: int = 50_000
    commands: int = 50
    commands_bytes: int = 64 * 1024
    references: int = 200
    reference_chars: int = 200
    fetch_request_bytes: int = MIB
    answer_bytes: int = 4 * MIB
    packs: int = 30  # more of them are put together
    git_s: float = 30.0
    fetch_s: float = 600.0
    lock_s: float = 30.0
    memory_bytes: int = 512 * MIB
