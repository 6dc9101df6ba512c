"""Small programs that run in a sandbox and tell, as lines of JSON, what they see."""

import contextlib
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.sandbox.interface import Backend, Limits, Sandbox

SMALL = Limits(
    memory_bytes=256 * 1024**2,
    pids=24,
    tmp_bytes=4 * 1024**2,
    submission_bytes=8 * 1024**2,
    open_files=64,
)
ANSWER_TIMEOUT_S = 120.0  # generous: the machine may be busy

PRELUDE = """
import errno, json, os, signal, socket, sys, threading
how, where = sys.argv[-2:]
if how == "--fd":
    control = socket.socket(fileno=int(where))
else:
    control = socket.socket(socket.AF_UNIX)
    control.connect(where)

def tell(value):
    control.sendall(json.dumps(value).encode() + b"\\n")

def wait():
    control.recv(1)

def attempt(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

def in_child(call):
    child = os.fork()
    if child == 0:
        call()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


@contextlib.contextmanager
def running(backend: Backend, code: str, limits: Limits = SMALL) -> Iterator[Sandbox]:
    """A sandbox that runs `code` after the prelude and then waits; closed at the end."""
    sandbox = backend.launch(limits, ["-c", PRELUDE + textwrap.dedent(code) + "\nwait()"])
    try:
        sandbox.control.settimeout(ANSWER_TIMEOUT_S)
        yield sandbox
    finally:
        sandbox.close()


def hear(sandbox: Sandbox) -> Any:
    """The next line that the program tells; None if it ended instead."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = sandbox.control.recv(1)
        if not byte:
            return None
        line += byte
    return json.loads(line)


def ask(backend: Backend, code: str, limits: Limits = SMALL) -> Any:
    """Run a program of one answer and return it."""
    with running(backend, code, limits) as sandbox:
        return hear(sandbox)


def go_on(sandbox: Sandbox) -> None:
    """End one `wait()` of the program."""
    sandbox.control.sendall(b".")


def exists(pid: int) -> bool:
    """Whether a process of this id runs (one that ended and wasn't reaped doesn't)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def descriptors() -> dict[int, str]:
    """This process's open descriptors and what they are."""
    found = {}
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the descriptor that lists this folder
            found[int(link.name)] = str(link.readlink())
    return found
