"""Memory that is kept from a test's body, so that it is there for what handles the test's end.

A student's answers can fill the memory of the process that tests to the last byte. The test then fails, as
the student's; what closes its session and reports it needs memory, too, and is ours.
"""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator

SPARE_BYTES = 256 * 1024**2


@contextlib.contextmanager
def spare_memory() -> Iterator[None]:
    """Lower this process's limit of memory by SPARE_BYTES while the block runs, if it has a limit."""
    limits = soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY:
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (max(0, soft - SPARE_BYTES), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, limits)
