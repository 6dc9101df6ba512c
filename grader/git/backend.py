"""Git's own `http-backend`, run for one request: its environment by hand, no shell, no server in between."""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import structlog

from grader.errors import GraderError
from grader.git.environment import PINS, end_git, git_environment, start_git
from grader.git.gate import Question, Verdict, serve_gate
from grader.git.limits import GitLimits
from grader.git.repositories import Repository, incoming_folder

PROTOCOL = re.compile(r"version=[0-2]")
PIECE_BYTES = 64 * 1024
MAX_HEADER_BYTES = 16 * 1024
UPLOAD, RECEIVE = "git-upload-pack", "git-receive-pack"

log = structlog.get_logger("grader.git")


@dataclass(frozen=True)
class Request:
    """One request to the backend: `action` is what follows the repository in the address.

    `protocol` is the header Git-Protocol; `sees_pins`: the commits that were handed in can be fetched.
    """

    repository: Repository
    method: str
    action: str
    query: str = ""
    content_type: str = ""
    protocol: str = ""
    user: str = ""
    may_push: bool = False
    sees_pins: bool = False


@dataclass(frozen=True)
class Answer:
    """The backend's answer; `pieces` are its body. `close` ends git, read or never begun."""

    status: int
    headers: tuple[tuple[str, str], ...]
    pieces: Iterator[bytes]
    close: Callable[[], None]


def stream(request: Request, body: IO[bytes] | None, limits: GitLimits) -> Answer:
    """Return the answer as it comes: for everything but a push. Whoever gets it closes it."""
    process = start_git(
        request.repository.path,
        ["http-backend"],
        _environment(request, body, limits),
        limits,
        changes=False,
        stdin=subprocess.DEVNULL if body is None else body,
    )
    assert process.stdout is not None
    watchdog = threading.Timer(limits.fetch_s, end_git, [process])
    watchdog.daemon = True
    watchdog.start()

    def close() -> None:
        watchdog.cancel()
        end_git(process)

    def pieces() -> Iterator[bytes]:
        assert process.stdout is not None
        while piece := process.stdout.read1(PIECE_BYTES):  # type: ignore[attr-defined]
            yield piece

    try:
        status, headers = _read_headers(process.stdout)
    except BaseException:
        close()
        raise
    return Answer(status, headers, pieces(), close)


def receive(
    request: Request,
    body: IO[bytes],
    data_dir: Path,
    lock: int,
    decide: Callable[[Question], Verdict],
    limits: GitLimits,
) -> bytes:
    """Let git receive a push, asking `decide` before it changes any reference; return the answer's body.

    `lock` is the repository's. Git and all that it starts has ended when this returns or raises. Raises
    GraderError if git fails or takes too long, and what `decide` raises.
    """
    ours, theirs = socket.socketpair()
    folder = incoming_folder(data_dir)
    with ours, tempfile.TemporaryFile(dir=folder) as output, tempfile.TemporaryFile(dir=folder) as errors:
        with theirs:
            process = start_git(
                request.repository.path,
                ["http-backend"],
                _environment(request, body, limits) | {"GRADER_CHANNEL": str(theirs.fileno())},
                limits,
                stdin=body,
                stdout=output,
                stderr=errors,
                pass_fds=(theirs.fileno(), lock),
            )
        try:
            serve_gate(ours, decide, limits)
            process.wait(limits.git_s)
        except (TimeoutError, subprocess.TimeoutExpired):
            raise GraderError(f"git took longer than {limits.git_s:.0f} s") from None
        finally:
            end_git(process)
        output.seek(0)
        status, _ = _read_headers(output)
        answer = output.read(limits.answer_bytes)
        if status != 200 or process.returncode:
            errors.seek(0)
            said = errors.read(2000).decode("utf-8", "replace")
            log.warning("git_failed", status=status, exit_code=process.returncode, said=said)
    if status != 200:
        raise GraderError(f"git answered with status {status}")
    return answer


def _environment(request: Request, body: IO[bytes] | None, limits: GitLimits) -> dict[str, str]:
    settings: dict[str, Any] = {
        "http__receivepack": "true" if request.may_push else "false",
        "receive__maxInputSize": str(limits.push_bytes),
        "receive__hideRefs": PINS,
    }
    if not request.sees_pins:
        settings["uploadpack__hideRefs"] = PINS
    path = request.repository.path
    environment = git_environment(path, **settings) | {
        "GIT_PROJECT_ROOT": str(path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{path.name}/{request.action}",
        "QUERY_STRING": request.query,
        "REQUEST_METHOD": request.method,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.content_type,
        "REMOTE_USER": request.user,
        "REMOTE_ADDR": "grader",
    }
    if body is not None:
        environment["CONTENT_LENGTH"] = str(body.seek(0, 2))
        body.seek(0)
    if PROTOCOL.fullmatch(request.protocol):
        environment["GIT_PROTOCOL"] = request.protocol
    return environment


def _read_headers(output: IO[bytes]) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Return the status and headers that a CGI program puts before its answer's body."""
    status, size = 200, 0
    headers: list[tuple[str, str]] = []
    while True:
        line = output.readline(MAX_HEADER_BYTES)
        size += len(line)
        if line in (b"\r\n", b"\n"):
            return status, tuple(headers)
        name, colon, value = line.decode("latin-1").strip().partition(":")
        if not colon or size > MAX_HEADER_BYTES:
            raise GraderError("git http-backend gave no answer")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((name, value.strip()))
