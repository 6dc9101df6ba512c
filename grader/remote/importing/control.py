"""Control of one sandbox's host: load a submission, open sessions, end them and say why they ended."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgpack

from grader.errors import SandboxError
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.ending import Ending
from grader.remote.importing.errors import import_failure
from grader.remote.importing.package import RemotePackage
from grader.remote.importing.session import TICK_S, Session
from grader.remote.wire.bounds import unpack
from grader.remote.wire.frames import ConnectionEnded, FrameStream, ProtocolError
from grader.sandbox.interface import Sandbox

WARM_TIMEOUT_S = 120.0
ORDER_TIMEOUT_S = 20.0
ENDING_TIMEOUT_S = 5.0
MAX_DESCRIPTION_BYTES = 4 * 1024**2
MAX_ANSWER_BYTES = 128 * 1024**2


class StudentHost:
    """One submission in one sandbox at a time; replaces the sandbox when it stops answering.

    Arguments: `launch` returns a fresh sandbox; `package` is what tests import from;
    `files` are the submission's, by path relative to the folder that holds the package.
    """

    def __init__(
        self,
        launch: Callable[[], Sandbox],
        package: RemotePackage,
        import_limits: SessionLimits,
    ):
        self._launch = launch
        self.package = package
        self._import_limits = import_limits
        self._files: Mapping[str, bytes] = {}
        self._sandbox: Sandbox | None = None
        self._control: FrameStream | None = None
        self._zygote: FrameStream | None = None
        self._core: int | None = None
        self._has_run = False  # something of a submission, in this very sandbox
        self.versions: dict[str, str] = {}

    @property
    def sandbox(self) -> Sandbox:
        """The running sandbox."""
        if self._sandbox is None:
            raise SandboxError("no sandbox is running")
        return self._sandbox

    def launch(self) -> None:
        """Launch the sandbox without waiting for its host, so that several can warm up at once."""
        if self._sandbox is None:
            self._sandbox = self._launch()
            self._sandbox.pin(self._core)
            self._control = FrameStream(self._sandbox.control)
            self.versions, self._has_run = {}, False

    def warm(self) -> None:
        """Launch the sandbox if need be and wait until its host has torch in memory."""
        self.launch()
        if not self.versions and self._control is not None:
            self.versions = self._receive(self._control, WARM_TIMEOUT_S)

    def load(self, files: Mapping[str, bytes]) -> None:
        """Deliver a submission and import it; what goes wrong in it is told by each use of its names."""
        self.package.forget()
        self._forget_zygote()
        self._files = files
        try:
            self._load()
        except SandboxError:  # it died while it waited: nothing of the submission has been in it
            self.close()
            self._files = files
            self._load()

    def load_again(self) -> None:
        """Import the submission anew: what it and its sessions have kept in memory is gone."""
        self.load(self._files)

    def open_session(self, limits: SessionLimits, seed: int) -> Session:
        """Fork a session and make it the package's open one.

        A zygote that died since the last session is replaced once; if the next one is dead, too, the
        session has ended before it began: that is the submission's doing.
        """
        if self._zygote is None or (session := self._ask_for_session(limits, seed)) is None:
            self._forget_zygote()
            self._load()
            session = self._ask_for_session(limits, seed)
        if session is None:
            session, unused = self._new_session(limits)
            for descriptor in unused:
                os.close(descriptor)
        self.package.use(session)
        return session

    def end_session(self, session: Session) -> Ending:
        """End a session, kill whatever it left behind, empty the scratch folders, and say how it ended."""
        self.package.use(None)
        usage_before = session.usage_before
        session.close()
        exit_code: int | None = None
        with contextlib.suppress(ConnectionEnded, TimeoutError, ProtocolError):
            if session.ended is None or session.ended.cause == "ended":
                exit_code = self._exit_code(ENDING_TIMEOUT_S)
        swept = self._sweep(keep_zygote=self._zygote is not None)
        if exit_code is None:
            try:
                exit_code = self._exit_code(ENDING_TIMEOUT_S)
                exit_code = None if session.ended and session.ended.cause != "ended" else exit_code
            except (ConnectionEnded, TimeoutError, ProtocolError):
                self._forget_zygote()
        usage = self.sandbox.usage()
        return Ending(
            cause=session.ended.cause if session.ended else None,
            text=str(session.ended) if session.ended else "",
            exit_code=exit_code,
            oom_kills=usage.oom_kills - usage_before.oom_kills,
            pids_refused=usage.pids_refused - usage_before.pids_refused,
            scratch_full=bool(swept.get("scratch_full")),
        )

    def pin(self, core: int | None) -> None:
        """Confine this sandbox, and any that replaces it, to one core."""
        self._core = core
        try:
            self.sandbox.pin(core)
        except SandboxError:
            if not self._has_run:
                raise
            self.close()  # what ran in it has broken it
            self.warm()

    def close(self) -> None:
        """Throw the sandbox away; idempotent."""
        self._forget_zygote()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = self._control = None

    def _load(self) -> None:
        self.warm()
        oom_kills_before = self.sandbox.usage().oom_kills
        try:
            self.package.learn(self._start_zygote(self._files, self.package.modules))
            self._sweep(keep_zygote=True)  # of what importing left behind
            if self._zygote is None:
                raise ConnectionEnded  # it would not go without killing everything
        except (ConnectionEnded, TimeoutError, ProtocolError) as error:
            cause = "timeout" if isinstance(error, TimeoutError) else "ended"
            if self.sandbox.usage().oom_kills > oom_kills_before:
                cause = "out_of_memory"
            self._forget_zygote()
            self._files = {}  # sessions still open, in a zygote of nothing; its names say what went wrong
            self._start_zygote({}, ())
            self.package.learn({"error": import_failure(cause, self._import_limits.cpu_s)})
            self.package.import_cut_short = cause

    def _start_zygote(self, files: Mapping[str, bytes], modules: Sequence[str]) -> dict[str, Any]:
        """Import a submission in a new zygote and return what it says the package offers."""
        self.warm()
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        zygote = FrameStream(mine, MAX_DESCRIPTION_BYTES)
        try:
            with theirs:
                self._order_zygote(theirs)
            mine.settimeout(self._import_limits.wall_s)
            zygote.send(msgpack.packb({"files": dict(files), "modules": list(modules)}))
            description = self._await_description(zygote)
        except BaseException:
            zygote.close()
            raise
        self._zygote = zygote
        return description

    def _order_zygote(self, theirs: socket.socket) -> None:
        """Have process 1 fork a zygote; SandboxError if it does not.

        A sandbox that a submission has been in may be broken by it, and is replaced; a fresh one may not.
        """
        try:
            self._order({"op": "load"}, theirs.fileno())
        except (ConnectionEnded, TimeoutError, ProtocolError, OSError) as error:
            if not self._has_run:
                raise SandboxError(f"the sandbox does not answer: {error!r}") from error
            self.close()
            self.warm()
            self._order_zygote(theirs)
        self._has_run = True

    def _await_description(self, zygote: FrameStream) -> dict[str, Any]:
        start_s = self.sandbox.usage().cpu_s
        deadline_s = time.monotonic() + self._import_limits.wall_s
        while (frame := zygote.take()) is None:
            ready, _, _ = select.select([zygote.sock], [], [], TICK_S)
            if ready:
                zygote.fill()
            used_s = 0.0 if ready else self.sandbox.usage().cpu_s - start_s
            if time.monotonic() > deadline_s or used_s > self._import_limits.cpu_s:
                raise TimeoutError
        description = unpack(frame)
        if not isinstance(description, dict):
            raise ProtocolError("malformed description")
        return description

    def _ask_for_session(self, limits: SessionLimits, seed: int) -> Session | None:
        """Have the zygote fork a session; None if it is dead."""
        if self._zygote is None:
            return None
        session, descriptors = self._new_session(limits)
        self._zygote.sock.settimeout(ORDER_TIMEOUT_S)
        try:
            self._zygote.send(msgpack.packb({"seed": seed}), descriptors)
        except (ConnectionEnded, TimeoutError, OSError):
            session.close()
            return None
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return session

    def _new_session(self, limits: SessionLimits) -> tuple[Session, tuple[int, int]]:
        """Return a session, and the two descriptors that the process which serves it needs."""
        usage_before = self.sandbox.usage()
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output_read, output_write = os.pipe()
        session = Session(
            self.package,
            FrameStream(mine, MAX_ANSWER_BYTES),
            output_read,
            (self._zygote.sock if self._zygote is not None else mine).fileno(),
            limits,
            lambda: self.sandbox.usage().cpu_s,
            usage_before,
        )
        return session, (theirs.detach(), output_write)

    def _exit_code(self, timeout_s: float) -> int:
        if self._zygote is None:
            raise ConnectionEnded
        code = self._receive(self._zygote, timeout_s)
        if type(code) is not int:
            raise ProtocolError("malformed exit code")
        return code

    def _sweep(self, *, keep_zygote: bool) -> dict[str, Any]:
        try:
            answer = self._order({"op": "sweep", "keep_zygote": keep_zygote})
        except (ConnectionEnded, TimeoutError, ProtocolError):
            answer = {}
        if answer.get("clean") is not True:
            self.close()  # a host that does not answer, or is not clean, is not trusted with the next test
            self.warm()
        if not answer.get("zygote_alive"):
            self._forget_zygote()
        return answer

    def _order(self, order: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        if self._control is None:
            raise SandboxError("no sandbox is running")
        self._control.sock.settimeout(ORDER_TIMEOUT_S)
        self._control.send(msgpack.packb(order), descriptors)
        answer = self._receive(self._control, ORDER_TIMEOUT_S)
        return answer if isinstance(answer, dict) else {}

    def _receive(self, stream: FrameStream, timeout_s: float) -> Any:
        return unpack(stream.receive(timeout_s))

    def _forget_zygote(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None
