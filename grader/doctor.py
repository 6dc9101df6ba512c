"""`grader doctor`: what this host offers for sandboxes, and the command that mends what is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from grader.sandbox.interface import Backend, Finding


def run_doctor(backends: Iterable[Backend]) -> list[Finding]:
    """Check each backend's needs and what it must have built; a finding's need begins with its name.

    One usable backend is enough to grade; `usable` says which are.
    """
    return [
        dataclasses.replace(finding, need=f"{backend.name}: {finding.need}")
        for backend in backends
        for finding in (*backend.findings(), backend.prepared())
    ]


def usable(findings: Iterable[Finding]) -> list[str]:
    """Return the names of the backends whose every need is met."""
    met: dict[str, bool] = {}
    for finding in findings:
        name = finding.need.partition(":")[0]
        met[name] = met.get(name, True) and finding.ok
    return [name for name, ok in met.items() if ok]
