"""One Linux call that Python does not offer."""

from __future__ import annotations

import ctypes

_PR_SET_DUMPABLE = 4


def set_inspectable(inspectable: bool) -> None:
    """Allow or forbid ptrace and /proc/PID/mem or /proc/PID/fd of this process by others of its uid."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, int(inspectable), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")
