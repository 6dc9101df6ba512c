"""A session as the test process sees it: requests with deadlines, output with a cap, causes of ends."""

from __future__ import annotations

import contextlib
import os
import select
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch.utils.data import DataLoader

from grader.remote.importing.callbacks import TestObjects, belongs_to_test, library_name, loader_reference
from grader.remote.importing.deadlines import Deadlines, SessionLimits
from grader.remote.importing.own_errors import OwnErrors
from grader.remote.importing.proxies import (
    MissingName,
    RemoteFunction,
    RemoteObject,
    RemoteType,
    adopt_instance,
    attach_handle,
    handle_of,
    is_test_defined,
)
from grader.remote.wire.codec import CannotCross, Ext
from grader.remote.wire.endpoint import Endpoint, Kind, Op
from grader.remote.wire.frames import ConnectionEnded, FrameStream, ProtocolError
from grader.remote.wire.graph import TensorKind
from grader.remote.wire.names import Ref
from grader.remote.wire.tensors import TensorTable

if TYPE_CHECKING:
    from grader.remote.importing.package import RemotePackage
    from grader.sandbox.interface import Usage

TICK_S = 0.1
CALLS_BETWEEN_CHECKS = 500
MAX_CALLS = 200_000
_CHUNK_BYTES = 64 * 1024


class SessionEnded(BaseException):
    """The session can serve no more requests; a BaseException, so that no test mistakes it for its own.

    `cause` is "timeout", "output_limit", "ended" (process gone) or "protocol".
    """

    def __init__(self, cause: str, text: str):
        super().__init__(text)
        self.cause = cause


class Session(Endpoint):
    """One test's connection to the submission.

    Arguments: `package`, whose names the session serves; `stream`, connected to the session
    process; `output_fd`, the read end of its stdout and stderr; `exit_fd`, readable once it has
    ended (its children may keep the stream open); `cpu_clock_s`, which reads the
    sandbox's CPU time; `usage_before`, the sandbox's account when the session began. The session
    owns the stream and the descriptor.
    """

    def __init__(
        self,
        package: RemotePackage,
        stream: FrameStream,
        output_fd: int,
        exit_fd: int,
        limits: SessionLimits,
        cpu_clock_s: Callable[[], float],
        usage_before: Usage,
    ):
        super().__init__(TensorTable(first_number=0, weak=True))
        self.output = bytearray()
        self.ended: SessionEnded | None = None
        self.calls = 0
        self.usage_before = usage_before
        self._package = package
        self._stream = stream
        self._output_fd = output_fd
        self._exit_fd = exit_fd
        self._limits = limits
        self._deadlines = Deadlines(limits, cpu_clock_s, usage_before.cpu_s)
        os.set_blocking(output_fd, False)
        self._poller = select.poll()
        self._poller.register(stream.sock, select.POLLIN)
        self._poller.register(output_fd, select.POLLIN)
        self._poller.register(exit_fd, select.POLLIN)
        self._proxies: weakref.WeakValueDictionary[int, RemoteObject] = weakref.WeakValueDictionary()
        self._proxies_in_flight: list[RemoteObject] = []
        self._released_objects: list[int] = []
        self.test_objects = TestObjects()
        self.own_errors = OwnErrors()
        self._pending_seed: int | None = None

    def close(self) -> None:
        """Let the session process go; keeps what it printed. Idempotent."""
        if self._stream.sock.fileno() == -1:
            return
        self._stream.close()
        # Graphs of tensors lead back here, and the collector of circles does not see through them.
        self.tensors.let_go()
        self.own_errors.forget()
        with contextlib.suppress(BlockingIOError):
            self.output += os.read(self._output_fd, _CHUNK_BYTES)
        os.close(self._output_fd)

    def seed(self, seed: int) -> None:
        """Seed the student's random numbers with the next request."""
        self._pending_seed = seed

    def request(self, op: Op, *arguments: object) -> Any:
        """Ask the session; raises what the student's code raised, or SessionEnded."""
        if self.ended is not None:
            raise self.ended
        self.calls += 1
        if self.calls % CALLS_BETWEEN_CHECKS == 0:
            self._check_deadlines()  # a chatty session is never waited for
        self._deadlines.asked()
        with self._ends_on_failure():
            return super().request(op, *arguments)

    def request_backward(
        self, output: int, grad: torch.Tensor, inputs: dict[int, TensorKind]
    ) -> list[torch.Tensor | None]:
        """Ask the session to run its part of a backward pass."""
        with self._ends_on_failure():
            return super().request_backward(output, grad, inputs)

    def request_next(self, iterator: RemoteObject) -> Any:
        """Ask for the iterator's next item; StopIteration after the last."""
        with self._ends_on_failure():
            match self.request(Op.NEXT, iterator):
                case []:
                    raise StopIteration
                case [item]:
                    return item
            raise ProtocolError("an iterator gave neither an item nor its end")

    def transmit(self, frame: bytes) -> None:
        """Send one frame before the deadline."""
        self._stream.sock.settimeout(max(0.01, self._deadlines.wall_left_s()))
        try:
            self._stream.send(frame)
        except TimeoutError:
            self._end("timeout", self._deadlines.text())

    def await_frame(self) -> bytes:
        """Return the next frame, draining output and watching the deadlines meanwhile."""
        while True:
            frame = self._stream.take()
            if frame is not None:
                return frame
            ready = [descriptor for descriptor, _ in self._poller.poll(TICK_S * 1000)]
            if self._output_fd in ready:
                self._drain_output()
            if self._stream.sock.fileno() in ready:
                self._stream.fill()
            elif self._exit_fd in ready:
                raise ConnectionEnded
            if not ready:
                self._check_deadlines()
            elif self._deadlines.wall_left_s() < 0:
                self._end("timeout", self._deadlines.text())

    def outgoing_extras(self) -> list[Any]:
        """Send a pending seed and the objects whose proxies have gone."""
        self._proxies_in_flight = list(self._proxies.values())  # the answer may name any of them
        seed, self._pending_seed = self._pending_seed, None
        released = self._released_objects.copy()
        self._released_objects.clear()
        return [seed, released]

    def incoming_extras(self, extras: list[Any]) -> None:
        """Learn the classes that the session describes, forget the test's objects that it let go of."""
        descriptions, released = extras
        for description in descriptions:
            self._package.learn_class(description)
        self.test_objects.release(released)

    def receive(self) -> tuple[Kind, Any]:
        """Return the next frame's kind and payload."""
        answer = super().receive()
        self._proxies_in_flight.clear()
        return answer

    def handle(self, op: Op, arguments: list[Any]) -> object:
        """Serve the student's use of an object of the test's."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise ProtocolError("too many calls")
        return self.test_objects.serve(op, arguments)

    def describe_error(self, error: BaseException) -> list[Any]:
        """Return what the student's code is told of an exception of the test's."""
        return self.own_errors.describe(error)

    def raise_error(self, description: list[Any]) -> NoReturn:
        """Raise the student's exception, or the test's own that comes back."""
        raise self.own_errors.exception_for(description)

    def adopt_test_instance(
        self, instance: RemoteObject, name: str, base: RemoteType, methods: list[str]
    ) -> None:
        """Give an instance of a test-defined subclass its counterpart over there."""
        own_number = self.test_objects.number(instance)
        with self._ends_on_failure():
            number = self.request(Op.INSTANTIATE_SUBCLASS, name, base, methods, own_number)
            if type(number) is not int:
                raise ProtocolError("an instance has no number")
        attach_handle(instance, self, number)
        self._proxies[number] = instance

    def object_to_reference(self, value: object) -> tuple[Ext, list[Any]]:
        """Name a proxy, a function or an object of the test's; CannotCross for anything else."""
        if isinstance(value, RemoteType):
            if is_test_defined(value):
                raise CannotCross("a class defined in the test can't cross: pass an instance of it")
            return Ext.OBJECT, [int(Ref.CLASS), value.remote_number]
        if isinstance(value, RemoteObject):
            session, number = handle_of(value)
            if session is not self:
                raise CannotCross("this object belongs to another test: construct a new one in this test")
            return Ext.OBJECT, [int(Ref.INSTANCE), number]
        if isinstance(value, RemoteFunction):
            return Ext.NAME, [value.__module__, value.__name__]
        if isinstance(value, MissingName):
            value()
        if type(value) is DataLoader:
            return Ext.OBJECT, loader_reference(value)
        name = library_name(value)
        if name is not None:
            return Ext.NAME, name
        if belongs_to_test(value):
            return Ext.OBJECT, [int(Ref.PEER), self.test_objects.number(value)]
        raise CannotCross(
            f"a {type(value).__module__}.{type(value).__qualname__} can't cross to the student's code: pass "
            "plain values, tensors, lists, objects of the student's classes, or functions and objects of the "
            "test file"
        )

    def object_from_reference(self, kind: Ext, reference: list[Any]) -> object:
        """Return the proxy for an object of the session's, one per object."""
        match kind, reference:
            case Ext.OBJECT, [Ref.INSTANCE, int(number), int(class_number)]:
                proxy = self._proxies.get(number)
                if proxy is None:
                    proxy = adopt_instance(self._package.class_for(class_number), self, number)
                    self._proxies[number] = proxy
                    # What a finalizer calls lives as long as the proxy: the list, then, not the session.
                    weakref.finalize(proxy, self._released_objects.append, number).atexit = False
                return proxy
            case Ext.OBJECT, [Ref.CLASS, int(class_number)]:
                return self._package.class_for(class_number)
            case Ext.OBJECT, [Ref.PEER, number]:
                return self.test_objects.get(number)
        raise ProtocolError("an unknown reference")

    @contextlib.contextmanager
    def _ends_on_failure(self) -> Iterator[None]:
        try:
            yield
        except ConnectionEnded:
            self._end("ended", "the process running your code ended in the middle of a call")
        except ProtocolError as error:
            self._end("protocol", f"the answer could not be read: {error}")

    def _drain_output(self) -> None:
        chunk = os.read(self._output_fd, _CHUNK_BYTES)
        if not chunk:
            self._poller.unregister(self._output_fd)
        self.output += chunk
        if len(self.output) > self._limits.output_bytes:
            self._end("output_limit", f"printed more than {self._limits.output_bytes // 1024} KiB")

    def _check_deadlines(self) -> None:
        if text := self._deadlines.passed():
            self._end("timeout", text)

    def _end(self, cause: str, text: str) -> NoReturn:
        self.ended = SessionEnded(cause, text)
        raise self.ended
