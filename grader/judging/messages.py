"""Every sentence that the judge itself says to students, in one place.

Hidden tests never show their code: of a failed assertion only the author's own sentence is
passed on. What the student's own code raised is shown with its place in their files. In a hidden test
its text is for staff alone, since the code may have put into it what the test gave it: students read
fixed sentences, the type and lines of their own files as they handed them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.judging.result import Outcome, Visibility
from grader.remote.importing.ending import Ending, signal_name
from grader.remote.importing.errors import RemoteFrame

MAX_PUBLIC_CHARS = 3_000
MAX_HIDDEN_CHARS = 400
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # another one in every run, and no help to anybody
UNEXPECTED = "The result is not what it should be."
DISTURBED = "Your code disturbed the connection to the tests."
BUDGET_USED_UP = "Not run: the time for all tests together was used up by the tests before it."
NAME_OF_ANOTHER_KIND = (
    "the tests can't use it, because a name in it stands for something else than in the template, "
    "for example a function in place of a class"
)

CAUSES = {
    Outcome.TIMEOUT: "Stopped: {text}. Look for a loop that never ends, or work done one element at a time.",
    Outcome.OUTPUT_LIMIT: "Stopped: your code {text}. Remove prints from inner loops.",
    Outcome.OUT_OF_MEMORY: "Your code needed more memory than there is.",
    Outcome.DISK_LIMIT: "Your code filled the disk space that a test may use.",
    Outcome.PIDS_LIMIT: "Your code started more processes or threads than allowed.",
}


def cause_message(outcome: Outcome, ending: Ending) -> str:
    """Return the sentence for a test whose session ended badly."""
    if outcome == Outcome.CRASHED:
        return crash_message(ending)
    return CAUSES[outcome].format(text=ending.text)


def crash_message(ending: Ending) -> str:
    """Return the sentence for a session whose process ended in the middle of a call."""
    if ending.cause == "protocol":
        return f"Your code disturbed the connection to the tests: {ending.text}."
    if ending.exit_code is not None and ending.exit_code < 0:
        return f"Your code crashed: the process was ended by {signal_name(ending.exit_code)}."
    return "Your code ended the process in the middle of a test (for example with exit() or os._exit())."


def import_message(error: BaseException) -> str:
    """Return the message of every test when the package can't be imported."""
    return f"Your package can't be imported: {_error_line(error)}{_places(error)}"


def failure_message(error: BaseException, visibility: Visibility) -> str:
    """Return what a failed test says: the assertion's sentence, or the error and where it came from."""
    if isinstance(error, AssertionError) and not hasattr(error, "remote_frames"):
        text = ADDRESS.sub("", str(error)).strip()
        if visibility == Visibility.PUBLIC:
            return _shorten(text or UNEXPECTED, MAX_PUBLIC_CHARS)
        sentence = re.split(r"(?:^|\n)assert ", text, maxsplit=1)[0].strip()
        return _shorten(sentence or UNEXPECTED, MAX_HIDDEN_CHARS)
    limit = MAX_PUBLIC_CHARS if visibility == Visibility.PUBLIC else MAX_HIDDEN_CHARS
    return _shorten(_error_line(error), limit) + _places(error)


def hidden_failure_for_students(error: BaseException, tests: Path, files: Mapping[str, bytes]) -> str:
    """Return what students may read of a failed hidden test: nothing that follows from its inputs.

    Arguments: `tests`, the folder of the hidden tests; `files`, the hand-in's, by path.
    """
    frames: list[RemoteFrame] | None = getattr(error, "remote_frames", None)
    if frames is not None:
        return f"Your code raised {type(error).__name__}." + "".join(_lines_as_handed_in(frames[-3:], files))
    if isinstance(error, AssertionError) and _raised_in(error, tests):
        return failure_message(error, Visibility.HIDDEN)
    return UNEXPECTED


def hidden_cause_for_students(outcome: Outcome, ending: Ending) -> str:
    """Return what students may read of a hidden test whose session ended badly."""
    if outcome == Outcome.CRASHED and ending.cause == "protocol":
        return DISTURBED
    return cause_message(outcome, ending)


def _raised_in(error: BaseException, folder: Path) -> bool:
    """Whether it was the author who raised it, not a library that compares and shows what it has compared."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and Path(place.tb_frame.f_code.co_filename).resolve().is_relative_to(folder)


def _lines_as_handed_in(frames: list[RemoteFrame], files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the places that are there; what the sandbox says of their names and text is not believed."""
    for frame in frames:
        lines = files.get(frame.file, b"").decode(errors="replace").splitlines()
        if 1 <= frame.line <= len(lines):
            yield f"\n  {frame.file[:120]}, line {frame.line}: {lines[frame.line - 1].strip()[:160]}"


def _error_line(error: BaseException) -> str:
    text = ADDRESS.sub("", str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _places(error: BaseException) -> str:
    frames: list[RemoteFrame] = getattr(error, "remote_frames", [])
    lines = [
        f"{frame.file[:120]}, line {frame.line}, in {frame.function[:60]}: {frame.source[:160]}"
        for frame in frames[-3:]
    ]
    return "".join(f"\n  {line}" for line in lines)


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
