"""What a test learns about a failure: the hint's code, and pictures for the report.

Theory of operation. A hint names a known mistake, so it must be right or absent. A test
records what it saw (`Evidence.when`); if the test fails and exactly one distinct code was
recorded true, that code is the hint. A test that recorded nothing may still end in an
exception whose text belongs to one known mistake; NotImplementedError always counts, the
others only in tests that opt in with `@pytest.mark.exception_codes("shape-error", …)`,
because the same text can have another cause elsewhere.

Plain Python: nothing here knows about sandboxes, pytest or torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

EXCEPTION_CODES: tuple[tuple[type[BaseException], str, str], ...] = (
    (NotImplementedError, "", "not-implemented"),
    (
        RuntimeError,
        "a leaf Variable that requires grad is being used in an in-place operation",
        "no-grad-missing",
    ),
    (RuntimeError, "a view of a leaf Variable that requires grad is being used", "no-grad-missing"),
    (RuntimeError, "element 0 of tensors does not require grad", "requires-grad-missing"),
    (RuntimeError, "shapes cannot be multiplied", "shape-error"),
    (RuntimeError, "must match the size of tensor", "shape-error"),
    (RuntimeError, "size mismatch", "shape-error"),
    (RuntimeError, "is invalid for input of size", "shape-error"),
    (IndexError, "shape mismatch: indexing tensors could not be broadcast", "shape-error"),
)
"""(type, part of the text, code): the first line that fits an exception gives its code."""

ALWAYS_ALLOWED = frozenset({"not-implemented"})


def exception_code(exception: BaseException) -> str | None:
    """Return the code of the known mistake that ends in this exception, None if there is none."""
    for kind, text, code in EXCEPTION_CODES:
        if isinstance(exception, kind) and text in str(exception):
            return code
    return None


class Evidence:
    """The `hint` fixture: what one test has seen of the student's mistakes.

    exception_codes: codes that an exception alone may give in this test, beside not-implemented.
    """

    def __init__(self, exception_codes: Iterable[str] = ()):
        self._allowed = ALWAYS_ALLOWED | frozenset(exception_codes)
        self._codes: set[str] = set()

    def when(self, condition: bool, code: str) -> None:
        """Record the code if the condition holds; it is shown only if the test fails.

        TypeError for a condition that isn't a bool: what a student's code returned could
        be anything, and "truthy" is no evidence.
        """
        if not isinstance(condition, bool):
            raise TypeError(f"hint.when needs a bool, not {type(condition).__name__}")
        if condition:
            self._codes.add(code)

    def code_for(self, exception: BaseException | None) -> str | None:
        """Return the hint's code for a test that failed with this exception, None for no hint."""
        if self._codes:
            return next(iter(self._codes)) if len(self._codes) == 1 else None
        if exception is None:
            return None
        code = exception_code(exception)
        return code if code in self._allowed else None


class Recorder:
    """The `record` fixture: data for the report's pictures, by name."""

    def __init__(self) -> None:
        self.pictures: dict[str, dict[str, Any]] = {}

    def picture(self, name: str, data: dict[str, Any]) -> None:
        """Keep plain data under this name; numbers that JSON lacks (NaN, ±∞) become None.

        TypeError for anything but None, bool, int, float, str, list, tuple and dict.
        """
        self.pictures[name] = {key: _plain(value) for key, value in data.items()}


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) in (list, tuple):
        return [_plain(item) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: _plain(item) for key, item in value.items()}
    raise TypeError(f"a picture is made of plain values, not of {type(value).__name__}")
