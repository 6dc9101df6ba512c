"""The test's own exceptions, on their way through the student's code.

An exception that a test's own object raises, when the student's code uses it, goes over as a description with
a ticket: its place in a list here. The ticket brings the very exception back, so that `pytest.raises` meets
what was raised.
"""

from __future__ import annotations

from typing import Any

from grader.remote.importing.errors import make_error

MAX_TEXT_CHARS = 1_000


class OwnErrors:
    """The exceptions of the test's that the student's code has been told of."""

    def __init__(self) -> None:
        self._told: list[BaseException] = []
        self._unreturned: list[AssertionError] = []

    def __contains__(self, error: BaseException) -> bool:
        return any(error is own for own in self._told)

    @property
    def unreturned_assertion(self) -> AssertionError | None:
        """The first failed assertion that has not come back: the test has failed all the same."""
        return self._unreturned[0] if self._unreturned else None

    def describe(self, error: BaseException) -> list[Any]:
        """Return [builtin type, text, ticket].

        A failed assertion of the test's goes without its text, which shows what was compared.
        """
        self._told.append(error)
        nearest = next(t for t in type(error).__mro__ if t.__module__ == "builtins")
        text = str(error)[:MAX_TEXT_CHARS]
        if isinstance(error, AssertionError) and not hasattr(error, "remote_frames"):
            self._unreturned.append(error)
            text = ""
        return [nearest.__name__, text, len(self._told) - 1]

    def exception_for(self, description: list[Any]) -> BaseException:
        """Return the student's exception as the nearest builtin type, with its place in their code.

        With a ticket it is the test's own exception, but for the end of an iteration (see `make_error`).
        """
        error, ticket = make_error(description), description[-1]
        if type(ticket) is not int or not 0 <= ticket < len(self._told):
            return error
        own = self._told[ticket]
        self._unreturned = [each for each in self._unreturned if each is not own]
        return error if isinstance(own, (StopIteration, StopAsyncIteration)) else own

    def forget(self) -> None:
        """Let all exceptions go: their tracebacks hold tensors."""
        self._told.clear()
