"""The grader's exceptions.

    GraderError                 something of ours went wrong; never a student's zero
    ├── UsageError              the command or its input makes no sense (exit 2)
    ├── RejectedError           the hand-in was refused at intake (exit 3); carries `rejections`
    ├── RefusedError            the course does not take this hand-in, or not now; `code` says why
    ├── WithheldError           the staff have not released the grades of the unit yet
    ├── StoppedError            nobody wants the result any more, so grading was stopped
    ├── SettingsError           a setting is missing, unknown or malformed
    ├── UnitError               a unit's files disagree with each other or with unit.toml
    ├── DatasetError            MNIST is missing and can't be fetched, or its checksum is wrong
    ├── OutboundError           another machine could not be asked
    │   └── OutboundRefused     it must not be asked: its address is not one for us
    ├── SealError               a sealed text can't be opened: it was sealed under another key
    └── SandboxError            the sandbox failed, as opposed to the program inside it
        └── SandboxUnavailable  a layer of isolation is missing on this host; `fix` says what to do

A student's failure is never one of these: it is a value, an `Outcome` with a message
(see `grader/judging/result.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.judging.result import Rejection


class GraderError(Exception):
    """Base of everything this project raises on purpose; its text is fit to be shown."""


class UsageError(GraderError):
    """The command or its input makes no sense."""


class RejectedError(GraderError):
    """The hand-in was refused at intake; nothing of it was run."""

    def __init__(self, rejections: list[Rejection]):
        super().__init__("; ".join(rejection.text for rejection in rejections))
        self.rejections = rejections


class RefusedError(GraderError):
    """The course does not take this hand-in, or not now: nothing was stored, no attempt is used.

    Codes: not-open-yet, closed, no-attempts-left, not-a-member, key-reused.
    """

    def __init__(self, code: str, text: str):
        super().__init__(text)
        self.code = code


class WithheldError(GraderError):
    """The staff have not released the grades of the unit yet: there is nothing to show to a student."""

    def __init__(self) -> None:
        super().__init__(
            "Your staff have not released the grades of this unit yet. What you handed in is safe; "
            "your result will be here once they do."
        )


class StoppedError(GraderError):
    """Grading was stopped because whoever asked for it wants no result any more."""


class SettingsError(GraderError):
    """A setting is missing, unknown or malformed."""


class UnitError(GraderError):
    """A unit's files disagree with each other or with its unit.toml."""


class DatasetError(GraderError):
    """The data set is missing and can't be fetched, or its checksum is wrong."""


class OutboundError(GraderError):
    """Another machine could not be asked, or gave no whole answer."""


class OutboundRefused(OutboundError):
    """Another machine must not be asked: its address is not one for us."""


class SealError(GraderError):
    """A sealed text can't be opened: it was sealed under another key, or for another purpose."""


class SandboxError(GraderError):
    """The sandbox failed, as opposed to the program inside it."""


class SandboxUnavailable(SandboxError):
    """A layer of isolation is missing on this host."""

    def __init__(self, problem: str, fix: str):
        super().__init__(f"{problem}\nTo fix it: {fix}")
        self.problem = problem
        self.fix = fix
