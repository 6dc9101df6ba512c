"""From what came back to an outcome: the limit that was met is named, and nothing else is blamed."""

import errno
import signal

import pytest

from grader.judging.causes import outcome_of, outcome_of_import
from grader.judging.result import Outcome
from grader.remote.importing.ending import Ending

QUIET = Ending(cause=None, text="", exit_code=0, oom_kills=0, pids_refused=0, scratch_full=False)
WRONG = AssertionError("1 != 2")


def ending(cause: str | None = None, **changes: object) -> Ending:
    return Ending(**{**vars(QUIET), "cause": cause, **changes})


def test_no_error_and_a_quiet_end_is_a_pass():
    assert outcome_of(None, QUIET) is Outcome.PASSED


@pytest.mark.parametrize("error", [WRONG, ValueError("no"), NotImplementedError(), RuntimeError("shapes")])
def test_an_exception_is_a_failure(error: Exception):
    assert outcome_of(error, QUIET) is Outcome.FAILED


@pytest.mark.parametrize("error", [None, WRONG])
@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (ending("timeout"), Outcome.TIMEOUT),
        (ending("output_limit"), Outcome.OUTPUT_LIMIT),
        (ending("protocol"), Outcome.CRASHED),
        (ending("ended", exit_code=0), Outcome.CRASHED),
        (ending("ended", exit_code=-signal.SIGSEGV), Outcome.CRASHED),
        (ending("ended", exit_code=-signal.SIGKILL), Outcome.CRASHED),
        (ending("ended", exit_code=-signal.SIGKILL, oom_kills=1), Outcome.OUT_OF_MEMORY),
        (ending("ended", exit_code=None, oom_kills=1), Outcome.OUT_OF_MEMORY),
        (ending("ended", exit_code=1, pids_refused=3), Outcome.PIDS_LIMIT),
    ],
)
def test_a_session_cut_short_overrules_what_the_test_made_of_it(
    end: Ending, outcome: Outcome, error: Exception | None
):
    assert outcome_of(error, end) is outcome


def test_a_crash_is_not_taken_for_another_process_out_of_memory():
    end = ending("ended", exit_code=-signal.SIGABRT, oom_kills=1)
    assert outcome_of(None, end) is Outcome.CRASHED


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (MemoryError(), Outcome.OUT_OF_MEMORY),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried …"), Outcome.OUT_OF_MEMORY),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), Outcome.OUT_OF_MEMORY),
        (OSError(errno.ENOSPC, "No space left on device"), Outcome.DISK_LIMIT),
        (OSError(errno.EAGAIN, "Resource temporarily unavailable"), Outcome.PIDS_LIMIT),
        (RuntimeError("can't start new thread"), Outcome.PIDS_LIMIT),
        (OSError(errno.EMFILE, "Too many open files"), Outcome.FAILED),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), Outcome.FAILED),
        (TimeoutError("the student's own"), Outcome.FAILED),
    ],
)
def test_an_exception_that_names_a_limit_is_that_limit(error: Exception, outcome: Outcome):
    assert outcome_of(error, QUIET) is outcome


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (ending(scratch_full=True), Outcome.DISK_LIMIT),
        (ending(pids_refused=2), Outcome.PIDS_LIMIT),
    ],
)
def test_a_limit_that_was_met_explains_an_exception_but_not_a_wrong_answer(end: Ending, outcome: Outcome):
    assert outcome_of(RuntimeError("it went wrong"), end) is outcome
    assert outcome_of(WRONG, end) is Outcome.FAILED
    assert outcome_of(None, end) is Outcome.PASSED


@pytest.mark.parametrize(
    ("cut_short", "outcome"),
    [
        (None, Outcome.FAILED),
        ("timeout", Outcome.TIMEOUT),
        ("ended", Outcome.CRASHED),
        ("out_of_memory", Outcome.OUT_OF_MEMORY),
    ],
)
def test_a_package_that_cannot_be_imported(cut_short: str | None, outcome: Outcome):
    assert outcome_of_import(cut_short) is outcome
