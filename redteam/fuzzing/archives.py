"""The target for archives: whatever bytes are handed in, the reader gives a hand-in or says what is wrong.

Each input is read twice: within limits so small that short inputs meet them, and within the real ones. What
the small ones admit must come out the same from the real ones; what is read must obey every rule that the
reader promises, and read the same when it is packed again.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile

from grader.errors import RejectedError
from grader.judging.result import Rejection
from grader.submissions import names
from grader.submissions.archive import IntakeLimits, Submission, read_archive_bytes
from redteam.fuzzing.oracle import Broken, refuse_want_of_memory

PACKAGE = "g2c.nn"
REQUIRED = ("modules.py", "loss.py")
REAL = IntakeLimits()
SMALL = IntakeLimits(
    archive_bytes=8_000,
    total_bytes=2_000,
    file_bytes=1_000,
    stream_bytes=16_000,
    files=8,
    entries=12,
    path_chars=60,
    path_depth=6,
)


def read(data: bytes) -> None:
    """Read one archive; raises Broken if the reader breaks a promise."""
    small = _read(data, SMALL)
    real = _read(data, REAL)
    if small is not None:
        if real is None or real.digest != small.digest:
            raise Broken("an archive within small limits is another one within the real ones")
        _check(small, SMALL)
    if real is not None:
        _check(real, REAL)
        again = _read(_packed(real), REAL)
        if again is None or (again.files, again.digest) != (real.files, real.digest):
            raise Broken("what was read reads otherwise when it is packed again")


def _read(data: bytes, limits: IntakeLimits) -> Submission | None:
    try:
        return read_archive_bytes(data, "fuzz", PACKAGE, REQUIRED, limits)
    except RejectedError as error:
        refuse_want_of_memory(error)
        if not error.rejections:
            raise Broken("an archive is refused without a reason") from error
        for rejection in error.rejections:
            _check_rejection(rejection)
        return None


def _check_rejection(rejection: Rejection) -> None:
    if not (rejection.code and rejection.text) or _deceives(rejection.text) or _deceives(rejection.path):
        raise Broken(f"the rejection {rejection.code} holds what can't be shown: {rejection!r}")


def _deceives(text: str) -> bool:
    """Whether a text may steer a terminal, break a line, or turn the direction of what follows."""
    return any(unicodedata.category(ch) in names.INVISIBLE or ch in names.TEXT_DIRECTION_MARKS for ch in text)


def _check(submission: Submission, limits: IntakeLimits) -> None:
    """Fail unless the hand-in obeys the rules: sizes, numbers, names, and one meaning for each name."""
    files = {**submission.elsewhere, **submission.files}
    sizes = [len(content) for content in files.values()]
    if sum(sizes) > limits.total_bytes or max(sizes) > limits.file_bytes or len(sizes) > limits.files:
        raise Broken("a hand-in is larger than its limits")
    if len({names.collision_key(path) for path in submission.files}) != len(submission.files):
        raise Broken("two files have the same name on some computers")
    for path, content in files.items():
        parts = path.split("/")
        reason = names.unsafe_reason(path) or names.off_limits_reason(path) or names.leftover(path)
        if reason or "" in parts or ".." in parts or "." in parts or "\\" in path or _deceives(path):
            raise Broken(f"a file is admitted under the name {path!r}: {reason}")
        if names.is_path_configuration(path, content):
            raise Broken(f"{path} changes where Python looks for code")
    for text in submission.notes + submission.ignored + tuple(flag.text for flag in submission.review):
        if _deceives(text):
            raise Broken(f"a remark holds what can't be shown: {text!r}")
    if any(f"{path}/" == other[: len(path) + 1] for path in files for other in files):
        raise Broken("a file is a folder too")


def _packed(submission: Submission) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in submission.files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return buffer.getvalue()
