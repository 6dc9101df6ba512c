"""A student's package `demo` for one test, in-process or in a sandbox, from its source."""

from __future__ import annotations

import textwrap
import types
from typing import Any

from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.ending import Ending
from grader.remote.importing.package import AllNames, RemoteImport
from grader.remote.importing.session import Session

IN_PROCESS = "in-process"
MODULES = ["demo", "demo.extra"]
LIMITS = SessionLimits(cpu_s=20.0, wall_s=40.0, output_bytes=1024**2)
IMPORT_LIMITS = SessionLimits(cpu_s=5.0, wall_s=20.0, output_bytes=1024**2)
PRELUDE = "import os, signal, socket, sys, time\nimport numpy, torch\n"


class InProcess:
    """The package as an ordinary module here."""

    is_remote = False

    def __call__(self, source: str) -> Any:
        module = types.ModuleType("demo")
        exec(PRELUDE + textwrap.dedent(source), module.__dict__)
        return module


class Remote:
    """The package in a sandbox; a context manager that ends the session."""

    is_remote = True

    def __init__(self, host: StudentHost):
        self.host = host
        self.session: Session | None = None

    def __call__(self, source: str, limits: SessionLimits = LIMITS) -> Any:
        """Load a submission, open a session and return all names that the package offers."""
        self.load({"demo/__init__.py": PRELUDE + textwrap.dedent(source), "demo/extra.py": ""})
        self.open(limits)
        return AllNames(self.host.package)

    def load(self, files: dict[str, str]) -> None:
        self.end()
        self.host.load({path: text.encode() for path, text in files.items()})

    def open(self, limits: SessionLimits = LIMITS, seed: int = 1) -> Session:
        """End the session if one is open, and open a new one."""
        self.end()
        self.session = self.host.open_session(limits, seed)
        return self.session

    def end(self) -> Ending | None:
        session, self.session = self.session, None
        return None if session is None else self.host.end_session(session)

    def imports(self) -> RemoteImport:
        """The import hook for the package."""
        return RemoteImport(self.host.package)

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.end()
