"""How `grader submit` may end: the exit codes, and which problem of the service means which."""

from __future__ import annotations

import enum

from grader.judging.result import Rejection


class Exit(enum.IntEnum):
    """The exit codes; 2 is a command line that makes no sense, 4 and lower mean the same in all commands."""

    DONE = 0
    BELOW = 1
    USAGE = 2
    REJECTED = 3
    GRADER_PROBLEM = 4
    REFUSED = 5
    NOT_AUTHORIZED = 6
    UNREACHABLE = 7
    TIMED_OUT = 8
    NOT_GRADED = 9
    INTERRUPTED = 130


class Ending(Exception):
    """The command ends here, with this exit code and a text for people; `rejections` say why if rejected."""

    def __init__(self, code: Exit, text: str, rejections: tuple[Rejection, ...] = ()):
        super().__init__(text)
        self.code = code
        self.rejections = rejections


_OF_CODE = {
    "rejected": Exit.REJECTED,
    "too-large": Exit.REJECTED,
    "not-a-member": Exit.REFUSED,
    "not-found": Exit.REFUSED,
    "not-open-yet": Exit.REFUSED,
    "closed": Exit.REFUSED,
    "no-attempts-left": Exit.REFUSED,
    "key-reused": Exit.REFUSED,
    "grades-withheld": Exit.NOT_GRADED,
}
_OF_STATUS = {401: Exit.NOT_AUTHORIZED, 403: Exit.NOT_AUTHORIZED, 404: Exit.REFUSED, 413: Exit.REJECTED}


def exit_of_problem(status: int, code: str) -> Exit:
    """Return the exit code for an answer of this HTTP status (400 to 499) and problem code."""
    return _OF_CODE.get(code) or _OF_STATUS.get(status, Exit.USAGE)
