"""Two targets: the bytes that a hostile sandbox writes, read by the real session of a test.

`listen`: an input is a stream of frames, all of which the session takes in, as it does while it waits for
an answer: results, errors, requests. `converse`: one byte says which of the scripts runs, and the rest is
the stream that answers it; if the byte's highest bit is set, the first frame is what the zygote says that
the package offers. Frames, values, tensors, references, autograd and callbacks are the ones that grade;
only sending is left out, since nobody listens.
"""

from __future__ import annotations

import contextlib
import os
import socket
import traceback
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy
import torch

from grader.remote.importing.control import MAX_ANSWER_BYTES, MAX_DESCRIPTION_BYTES
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import AllNames, RemotePackage
from grader.remote.importing.proxies import RemoteObject, RemoteType
from grader.remote.importing.session import Session, SessionEnded
from grader.remote.wire.bounds import check_bounds, unpack
from grader.remote.wire.codec import CannotCross, Codec, Ext
from grader.remote.wire.endpoint import Kind, Op
from grader.remote.wire.frames import HEADER, ConnectionEnded, FrameStream, ProtocolError
from grader.sandbox.interface import Usage
from redteam.fuzzing.oracle import Broken, refuse_want_of_memory
from redteam.fuzzing.scripts import SCRIPTS, Doubling

MODULE = "redteam.fuzzing.pupil"
WITH_DESCRIPTION = 0x80
LIMITS = SessionLimits(cpu_s=10.0, wall_s=600.0, output_bytes=64 * 1024)
NO_USAGE = Usage(cpu_s=0.0, memory_bytes=0, oom_kills=0, pids_refused=0)
OWN_CODE = f"{os.sep}grader{os.sep}remote{os.sep}"


def listen(data: bytes) -> None:
    """Have a session take in the frames in `data`; raises Broken if the trusted side misbehaves."""
    with _session(usual_package(), data) as session:
        own, *tensors = Doubling(), torch.ones(2, 2, requires_grad=True), torch.zeros(3)
        session.test_objects.number(own)
        for tensor in (*tensors, tensors[0] * 2):
            session.tensors.share(tensor)
        while True:
            try:
                kind, payload = session.receive()
                if kind == Kind.REQUEST:
                    session.serve(payload)
                elif kind == Kind.ERROR:
                    session.raise_error(payload)
            except (ProtocolError, ConnectionEnded, SessionEnded):
                return
            except Exception as error:
                session.check_documented(error)


def converse(data: bytes) -> None:
    """Answer one script with the frames in `data`; raises Broken if the trusted side misbehaves."""
    if not data:
        return
    package, stream = usual_package(), data[1:]
    if data[0] & WITH_DESCRIPTION:
        end = HEADER.size + int.from_bytes(stream[: HEADER.size], "big")
        described, stream = _described(stream[:end]), stream[end:]
        if described is None:
            return
        package = described
    with _session(package, stream) as session:
        try:
            SCRIPTS[(data[0] & ~WITH_DESCRIPTION) % len(SCRIPTS)](AllNames(package))
        except (SessionEnded, CannotCross):
            pass
        except Exception as error:
            _check_origin(error, session)


class WatchedSession(Session):
    """The real session; everything undocumented that comes out of it is a failure."""

    def transmit(self, frame: bytes) -> None:
        """Nobody listens."""

    def await_frame(self) -> bytes:
        """As the session's; walks through short frames too, which the session does for long ones."""
        frame = super().await_frame()
        with contextlib.suppress(ProtocolError):
            check_bounds(frame, 0)
        return frame

    def receive(self) -> tuple[Kind, Any]:
        """As the session's: only its documented exceptions, and only what may cross."""
        try:
            kind, value = super().receive()
        except (ProtocolError, ConnectionEnded, SessionEnded) as error:
            refuse_want_of_memory(error)
            raise
        except BaseException as error:
            raise Broken(f"receive() raised {type(error).__name__}: {error}") from error
        self._check(value)
        return kind, value

    def request(self, op: Op, *arguments: object) -> Any:
        """As the session's: only its documented exceptions."""
        try:
            return super().request(op, *arguments)
        except (SessionEnded, CannotCross, Broken):
            raise
        except BaseException as error:
            self.check_documented(error)
            raise

    def check_documented(self, error: BaseException) -> None:
        """Fail unless `error` is one that a session may raise."""
        if not self.knows(error):
            raise Broken(f"the session raised {type(error).__name__}: {error}") from error

    def knows(self, error: BaseException) -> bool:
        """Whether `error` is the hand-in's, made here, or the test's own that came back."""
        return hasattr(error, "remote_frames") or error in self.own_errors

    def _check(self, value: object) -> None:
        """Fail unless `value` is of what may cross, and crosses again unchanged."""
        codec = Codec(_ByPosition(self))
        try:
            encoded = codec.encode(value)
            check_bounds(encoded, 0)
            again = codec.decode(encoded)
        except CannotCross as error:
            if "recursion" in str(error):  # nested deeper than msgpack packs
                return
            raise Broken(f"a decoded value can't be encoded: {error}") from error
        except ProtocolError as error:
            raise Broken(f"a decoded value does not decode again: {error}") from error
        if not same(value, again):
            raise Broken("a decoded value is another one after a round trip")


class _ByPosition:
    """References by position in a list: what has an identity crosses as itself, if it may be there."""

    def __init__(self, session: Session):
        self._session = session
        self._held: list[Any] = []

    def tensor_to_reference(self, tensor: torch.Tensor) -> list[Any]:
        if type(tensor) is not torch.Tensor or tensor.layout != torch.strided or tensor.device.type != "cpu":
            raise Broken("a tensor was decoded that is not a dense one on the CPU")
        return self._hold(tensor)

    def tensor_from_reference(self, reference: list[Any]) -> torch.Tensor:
        return self._held[reference[0]]

    def object_to_reference(self, value: object) -> tuple[Ext, list[Any]]:
        own = self._session.test_objects._objects.values()
        if not isinstance(value, (RemoteObject, RemoteType)) and not any(value is one for one in own):
            raise Broken(f"a {type(value).__name__} was decoded")
        return Ext.OBJECT, self._hold(value)

    def object_from_reference(self, kind: Ext, reference: list[Any]) -> object:
        return self._held[reference[0]]

    def _hold(self, value: Any) -> list[int]:
        self._held.append(value)
        return [len(self._held) - 1]


def same(a: Any, b: Any) -> bool:
    """Whether two decoded values are the same, types and bits included."""
    if type(a) is not type(b):
        return False
    match a:
        case list() | tuple():
            return len(a) == len(b) and all(map(same, a, b))
        case dict():
            return same(list(a.items()), list(b.items()))
        case set():
            return len(a) == len(b)  # NaN is not itself after a round trip
        case slice():
            return same([a.start, a.stop, a.step], [b.start, b.stop, b.step])
        case numpy.ndarray():
            return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        case float():
            return a == b or a != a
        case None | bool() | int() | str() | bytes():
            return a == b
    return a is b


def _described(stream: bytes) -> RemotePackage | None:
    """Return the package as the zygote's frame in `stream` describes it, None if that is malformed."""
    package = RemotePackage((MODULE,))
    try:
        with _sent(stream) as near:
            description = unpack(FrameStream(near, MAX_DESCRIPTION_BYTES).receive(timeout_s=10.0))
        if not isinstance(description, dict):
            return None
        package.learn(description)
    except (ProtocolError, ConnectionEnded) as error:
        refuse_want_of_memory(error)
        return None
    except BaseException as error:
        raise Broken(f"learn() raised {type(error).__name__}: {error}") from error
    return package


@cache
def usual_package() -> RemotePackage:
    """Return the package as it describes itself."""
    from redteam.fuzzing.decoder_seeds import describe

    package = RemotePackage((MODULE,))
    package.learn(describe()[0])
    return package


def _sent(stream: bytes) -> socket.socket:
    """Return a socket on which `stream` has arrived, and its end."""
    near, far = socket.socketpair()
    with far:
        far.sendall(stream)
    return near


@contextlib.contextmanager
def _session(package: RemotePackage, stream: bytes) -> Iterator[WatchedSession]:
    """Give an open session of the package, whose process has sent `stream` and no more."""
    sock = FrameStream(_sent(stream), MAX_ANSWER_BYTES)
    silent = os.dup(_never())  # the session closes it
    session = WatchedSession(package, sock, silent, _never(), LIMITS, lambda: 0.0, NO_USAGE)
    package.use(session)
    try:
        yield session
    finally:
        package.use(None)
        session.close()


def _check_origin(error: Exception, session: WatchedSession) -> None:
    """Fail if an exception that ended a script is one of the grader's own code, and no documented one."""
    if isinstance(error, (ImportError, StopIteration)) or session.knows(error):
        return
    where = traceback.extract_tb(error.__traceback__)[-1]
    if OWN_CODE in where.filename and where.name != "__getattr__" and "needs an instance" not in str(error):
        raise Broken(f"{where.name} raised {type(error).__name__}: {error}") from error


@cache
def _never() -> int:
    """Return a descriptor that is never ready."""
    reading, _ = os.pipe()
    return reading
