"""How much a hand-in may hold."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024**2


@dataclass(frozen=True)
class IntakeLimits:
    """Caps that intake enforces while it reads, so memory and time stay bounded.

    `entries` counts everything met, leftovers included; `files` only what is kept. `stream_bytes`
    is what a tar may unpack to with its headers and leftovers, which can't be skipped unread.
    """

    archive_bytes: int = 32 * MIB
    total_bytes: int = 64 * MIB
    file_bytes: int = 32 * MIB
    stream_bytes: int = 128 * MIB
    files: int = 2_000
    entries: int = 20_000
    path_chars: int = 240
    path_depth: int = 20
    package_depth: int = 6
    git_s: float = 30.0
    git_memory_bytes: int = 2048 * MIB
