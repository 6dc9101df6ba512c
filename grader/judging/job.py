"""What is to be graded, as plain data that can be queued or sent to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.judging.result import ReviewFlag


@dataclass(frozen=True)
class Job:
    """A submission's files by path, and how to grade them.

    `seed` decides every random number of the run; `ignored`, `notes` and `review` are what
    intake said about the hand-in, passed on to the report.
    """

    files: Mapping[str, bytes]
    digest: str
    seed: int
    with_mnist: bool = True
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    review: tuple[ReviewFlag, ...] = ()
