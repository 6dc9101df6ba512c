"""From what came back to an outcome: passed, failed, or which limit was met. Pure."""

from __future__ import annotations

import errno
import signal

from grader.judging.result import Outcome
from grader.remote.importing.ending import Ending

_NO_MEMORY = ("can't allocate memory", "not enough memory", "cannot allocate memory", "invalid buffer size")
_NO_PROCESS = ("can't start new thread", "resource temporarily unavailable")


def outcome_of(error: BaseException | None, ending: Ending) -> Outcome:
    """Return a test's outcome from the exception that it ended with (None: it passed) and its session's end.

    A session that ended in the middle of a call overrules whatever the test made of it.
    """
    match ending.cause:
        case "timeout":
            return Outcome.TIMEOUT
        case "output_limit":
            return Outcome.OUTPUT_LIMIT
        case "ended" | "protocol":
            return _outcome_of_end(ending)
    if error is None:
        return Outcome.PASSED
    return _outcome_of_error(error, ending)


def outcome_of_import(cut_short: str | None) -> Outcome:
    """Return the outcome of every test of a package that can't be imported, from what cut the import short
    (None: an exception of its own)."""
    return {
        None: Outcome.FAILED,
        "timeout": Outcome.TIMEOUT,
        "ended": Outcome.CRASHED,
        "out_of_memory": Outcome.OUT_OF_MEMORY,
    }[cut_short]


def _outcome_of_end(ending: Ending) -> Outcome:
    if ending.oom_kills > 0 and ending.exit_code in (None, -signal.SIGKILL):
        return Outcome.OUT_OF_MEMORY
    if ending.pids_refused > 0:
        return Outcome.PIDS_LIMIT
    return Outcome.CRASHED


def _outcome_of_error(error: BaseException, ending: Ending) -> Outcome:
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY):
        return Outcome.OUT_OF_MEMORY
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Outcome.DISK_LIMIT
    if ending.scratch_full and not isinstance(error, AssertionError):
        return Outcome.DISK_LIMIT
    if ending.pids_refused > 0 and not isinstance(error, AssertionError):
        return Outcome.PIDS_LIMIT
    if (isinstance(error, OSError) and error.errno == errno.EAGAIN) or any(
        sign in text for sign in _NO_PROCESS
    ):
        return Outcome.PIDS_LIMIT
    return Outcome.FAILED
