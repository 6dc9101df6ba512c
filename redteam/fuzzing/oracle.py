"""What a target says of an input that does what must not happen."""

from __future__ import annotations


class Broken(BaseException):
    """The product did something undocumented; no code of the product catches this."""


def refuse_want_of_memory(error: BaseException) -> None:
    """Raise Broken if an error that is documented hides that memory ran out."""
    cause: BaseException | None = error
    while cause is not None:
        text = str(cause)
        if isinstance(cause, MemoryError) or "can't allocate memory" in text or "MemoryError" in text:
            raise Broken(f"memory ran out: {text}"[:300]) from error
        cause = cause.__cause__ or cause.__context__
