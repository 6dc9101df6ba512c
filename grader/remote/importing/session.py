"""A session as the test process sees it: requests with deadlines, output with a cap, causes of ends."""

from __future__ import annotations

import builtins
import contextlib
import functools
import os
import select
import sys
import time
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from grader.remote.importing.proxies import (
    MissingName,
    RemoteFunction,
    RemoteObject,
    RemoteType,
    adopt_instance,
    attach_handle,
    called_back_methods,
    handle_of,
    is_test_defined,
)
from grader.remote.wire.codec import CannotCross, Ext
from grader.remote.wire.endpoint import Endpoint, Op
from grader.remote.wire.frames import ConnectionEnded, FrameStream, ProtocolError
from grader.remote.wire.names import NAMED_MODULES, SPECIAL_METHODS, Ref
from grader.remote.wire.tensors import TensorTable

if TYPE_CHECKING:
    from grader.remote.importing.package import RemotePackage
    from grader.sandbox.interface import Usage

TICK_S = 0.1
MAX_PEER_CALLS = 200_000
_LIBRARY_MODULES = frozenset({"torch", "torchvision", "numpy", "grader", "_pytest", "pytest", "pluggy"})


class SessionEnded(BaseException):
    """The session can serve no more requests; a BaseException, so that no test mistakes it for its own.

    `cause` is "timeout", "output_limit", "ended" (process gone) or "protocol".
    """

    def __init__(self, cause: str, text: str):
        super().__init__(text)
        self.cause = cause


@dataclass(frozen=True)
class SessionLimits:
    """What one session may use; `cpu_s` counts the whole sandbox while the session runs."""

    cpu_s: float
    wall_s: float
    output_bytes: int


@dataclass(frozen=True)
class RemoteFrame:
    """One line of the student's code on the way to an error."""

    file: str
    line: int
    function: str
    source: str


class Session(Endpoint):
    """One test's connection to the submission.

    Arguments: `package`, whose names the session serves; `stream`, connected to the session
    process; `output_fd`, the read end of its stdout and stderr; `cpu_clock_s`, which reads the
    sandbox's CPU time; `usage_before`, the sandbox's account when the session began. The session owns the stream and the descriptor.
    """

    def __init__(
        self,
        package: RemotePackage,
        stream: FrameStream,
        output_fd: int,
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
        self._limits = limits
        self._cpu_clock_s = cpu_clock_s
        self._cpu_start_s = usage_before.cpu_s
        self._wall_end_s = time.monotonic() + limits.wall_s
        self._poller = select.poll()
        self._poller.register(stream.sock, select.POLLIN)
        self._poller.register(output_fd, select.POLLIN)
        self._proxies: weakref.WeakValueDictionary[int, RemoteObject] = weakref.WeakValueDictionary()
        self._released_objects: list[int] = []
        self._test_objects: dict[int, object] = {}
        self._test_numbers: dict[int, int] = {}
        self._tickets: list[BaseException] = []
        self._pending_seed: int | None = None

    def close(self) -> None:
        """Let the session process go; keeps what it printed."""
        if not self._stream.sock._closed:  # type: ignore[attr-defined]
            self._stream.close()
            with contextlib.suppress(OSError):
                self._drain_output()
            os.close(self._output_fd)

    def seed(self, seed: int) -> None:
        """Seed the student's random numbers with the next request."""
        self._pending_seed = seed

    def request(self, op: Op, *arguments: object) -> Any:
        """Ask the session; raises what the student's code raised, or SessionEnded."""
        if self.ended is not None:
            raise self.ended
        self.calls += 1
        try:
            return super().request(op, *arguments)
        except ConnectionEnded:
            self._end("ended", "the process running your code ended in the middle of a call")
        except ProtocolError as error:
            self._end("protocol", f"the answer could not be read: {error}")

    def transmit(self, frame: bytes) -> None:
        """Send one frame before the deadline."""
        self._stream.sock.settimeout(max(0.01, self._wall_end_s - time.monotonic()))
        try:
            self._stream.send(frame)
        except TimeoutError:
            self._end("timeout", self._timeout_text())

    def await_frame(self) -> bytes:
        """Return the next frame, draining output and watching the deadlines meanwhile."""
        while True:
            frame = self._stream.take()
            if frame is not None:
                return frame
            ready = self._poller.poll(TICK_S * 1000)
            for descriptor, _ in ready:
                if descriptor == self._output_fd:
                    self._drain_output()
                else:
                    self._stream.fill()
            if not ready:
                self._check_deadlines()
            elif time.monotonic() > self._wall_end_s:
                self._end("timeout", self._timeout_text())

    def outgoing_extras(self) -> list[Any]:
        """Send a pending seed and the objects whose proxies have gone."""
        seed, self._pending_seed = self._pending_seed, None
        released, self._released_objects = self._released_objects, []
        return [seed, released]

    def incoming_extras(self, extras: list[Any]) -> None:
        """Learn the classes that the session describes."""
        for description in extras:
            self._package.learn_class(description)

    def handle(self, op: Op, arguments: list[Any]) -> object:
        """Serve the student's use of an object of the test's."""
        self.calls += 1
        if self.calls > MAX_PEER_CALLS:
            raise ProtocolError("too many calls")
        target = self._test_objects.get(arguments[0])
        if target is None:
            raise ProtocolError("a call names an object that the test did not pass")
        match op, arguments:
            case Op.PEER_CALL, [_, str(name), list(args), dict(kwargs)]:
                return self._call_back(target, name, args, kwargs)
            case Op.PEER_NEXT, [_]:
                try:
                    return [next(target)]  # type: ignore[call-overload]
                except StopIteration:
                    return []
            case Op.PEER_GET_ATTRIBUTE, [_, str(name)]:
                if name.startswith("_"):
                    raise AttributeError(name)
                return getattr(target, name)
        raise ProtocolError("an unknown request")

    def describe_error(self, error: BaseException) -> list[Any]:
        """Return [builtin type, text, ticket]; the ticket brings the very exception back."""
        self._tickets.append(error)
        nearest = next(t for t in type(error).__mro__ if t.__module__ == "builtins")
        return [nearest.__name__, str(error)[:1000], len(self._tickets) - 1]

    def raise_error(self, description: list[Any]) -> NoReturn:
        """Raise the student's exception as the nearest builtin type, with its place in their code."""
        builtin_name, own_name, text, errno, frames, ticket = description
        if type(ticket) is int and 0 <= ticket < len(self._tickets):
            raise self._tickets[ticket]
        error = make_error(builtin_name, own_name, text, errno)
        error.remote_frames = [RemoteFrame(*frame) for frame in frames]  # type: ignore[attr-defined]
        raise error

    def adopt_test_instance(
        self, instance: RemoteObject, name: str, bases: list[RemoteType], methods: list[str]
    ) -> None:
        """Give an instance of a test-defined subclass its counterpart over there."""
        (number,) = self.request(Op.INSTANTIATE_SUBCLASS, name, bases, methods, self._test_number(instance))
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
            return Ext.OBJECT, _loader_reference(value)
        name = _library_name(value)
        if name is not None:
            return Ext.NAME, name
        if _belongs_to_test(value):
            return Ext.OBJECT, [int(Ref.PEER), self._test_number(value)]
        raise CannotCross(
            f"a {type(value).__module__}.{type(value).__qualname__} can't cross to the student's code: pass plain "
            "values, tensors, lists, objects of the student's classes, or functions and classes of the test file"
        )

    def object_from_reference(self, kind: Ext, reference: list[Any]) -> object:
        """Return the proxy for an object of the session's, one per object."""
        match kind, reference:
            case Ext.OBJECT, [Ref.INSTANCE, int(number), int(class_number)]:
                proxy = self._proxies.get(number)
                if proxy is None:
                    proxy = adopt_instance(self._package.class_for(class_number), self, number)
                    self._proxies[number] = proxy
                    weakref.finalize(proxy, self._released_objects_append, number).atexit = False
                return proxy
            case Ext.OBJECT, [Ref.CLASS, int(class_number)]:
                return self._package.class_for(class_number)
            case Ext.OBJECT, [Ref.PEER, int(number)] if number in self._test_objects:
                return self._test_objects[number]
        raise ProtocolError("an unknown reference")

    def _released_objects_append(self, number: int) -> None:
        self._released_objects.append(number)

    def _call_back(self, target: object, name: str, args: list[Any], kwargs: dict[str, Any]) -> object:
        if isinstance(target, RemoteObject):
            if name not in called_back_methods(type(target)):
                raise ProtocolError("a call names a method that the test did not define")
        elif name.startswith("_") and name not in SPECIAL_METHODS:
            raise AttributeError(name)
        if name == "__call__":
            return target(*args, **kwargs)  # type: ignore[operator]
        if name == "__iter__":
            return iter(target)  # type: ignore[call-overload]
        return getattr(target, name)(*args, **kwargs)

    def _test_number(self, value: object) -> int:
        number = self._test_numbers.get(id(value))
        if number is None:
            number = len(self._test_objects)
            self._test_objects[number] = value
            self._test_numbers[id(value)] = number
        return number

    def _drain_output(self) -> None:
        chunk = os.read(self._output_fd, 64 * 1024)
        if not chunk:
            self._poller.unregister(self._output_fd)
        self.output += chunk
        if len(self.output) > self._limits.output_bytes:
            self._end("output_limit", f"printed more than {self._limits.output_bytes // 1024} KiB")

    def _check_deadlines(self) -> None:
        if time.monotonic() > self._wall_end_s or self.cpu_s() > self._limits.cpu_s:
            self._end("timeout", self._timeout_text())

    def cpu_s(self) -> float:
        """Return the CPU seconds that the sandbox used since the session began."""
        return self._cpu_clock_s() - self._cpu_start_s

    def _timeout_text(self) -> str:
        return (
            f"still running after {self._limits.cpu_s:g} s of computing or {self._limits.wall_s:g} s of waiting"
        )

    def _end(self, cause: str, text: str) -> NoReturn:
        self.ended = SessionEnded(cause, text)
        raise self.ended


def make_error(builtin_name: object, own_name: object, text: object, errno: object = None) -> Exception:
    """Return an exception of a builtin type from what the host described; never a control-flow type."""
    kind = getattr(builtins, builtin_name, None) if isinstance(builtin_name, str) else None
    shown = str(text)[:4000]
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return RuntimeError(f"the code called {own_name}: {shown}" if shown else f"the code raised {own_name}")
    if own_name != builtin_name:
        shown = f"{str(own_name)[:80]}: {shown}"
    try:
        return kind(errno, shown) if issubclass(kind, OSError) and type(errno) is int else kind(shown)
    except TypeError:
        return RuntimeError(f"{builtin_name}: {shown}")


def _loader_reference(loader: DataLoader[Any]) -> list[Any]:
    if type(loader.dataset) is not TensorDataset:
        raise CannotCross("only a DataLoader over a TensorDataset can cross; or pass a list of batches")
    shuffle = isinstance(loader.sampler, RandomSampler)
    return [int(Ref.LOADER), list(loader.dataset.tensors), loader.batch_size, shuffle, loader.drop_last]


def _library_name(value: object) -> list[str] | None:
    module = getattr(value, "__module__", None)
    if isinstance(value, (types.BuiltinFunctionType, types.FunctionType, type)) and isinstance(module, str):
        name = value.__qualname__
        found = functools.reduce(lambda o, part: getattr(o, part, None), name.split("."), sys.modules.get(module))
        if module.partition(".")[0] in NAMED_MODULES and found is value:
            return [module, name]
    for module in ("torch", "math", "operator"):
        name = getattr(value, "__name__", "")
        if isinstance(value, types.BuiltinFunctionType) and getattr(sys.modules.get(module), name, None) is value:
            return [module, name]
    return None


def _belongs_to_test(value: object) -> bool:
    if isinstance(value, (types.FunctionType, types.MethodType, functools.partial)) or hasattr(value, "__next__"):
        return True
    module = type(value).__module__.partition(".")[0]
    return module not in sys.stdlib_module_names and module not in _LIBRARY_MODULES


