"""Tests that leave a sandbox behind, or say that none is left, come one at a time on a machine.

Leases are the machine's: what one test leaves dead for a moment is a leftover to all others.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def only_our_leftovers() -> Iterator[None]:
    """Wait for tests of other processes that leave sandboxes behind, and let others wait."""
    with (Path(tempfile.gettempdir()) / f"grader-tests-leftovers-{os.geteuid()}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
