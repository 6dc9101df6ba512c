"""The session: a forked process that serves one test's requests against the imported submission."""

from __future__ import annotations

import builtins
import importlib
import socket
from functools import reduce
from typing import Any, NoReturn

import torch
from torch.utils.data import DataLoader, TensorDataset

from grader.remote.host.errors import describe_error
from grader.remote.host.objects import ClassTable, ObjectTable, PeerObject, PeerTable, make_subclass
from grader.remote.wire.codec import Ext
from grader.remote.wire.endpoint import Endpoint, Op
from grader.remote.wire.frames import ConnectionEnded, FrameStream
from grader.remote.wire.names import Ref
from grader.remote.wire.tensors import TensorTable


class HostSession(Endpoint):
    """Serves requests until the trusted side closes the stream."""

    answerable = BaseException

    def __init__(self, stream: FrameStream, classes: ClassTable, submission_dir: str):
        super().__init__(TensorTable(first_number=1, weak=False))
        self._stream = stream
        self._classes = classes
        self._submission_dir = submission_dir
        self._objects = ObjectTable()
        self._peers = PeerTable(self)
        self._peer_numbers: dict[int, int] = {}
        self._subclasses: dict[tuple[Any, ...], type] = {}

    def run(self) -> None:
        """Serve until the stream ends."""
        try:
            while True:
                _, payload = self.receive()
                self.serve(payload)
        except ConnectionEnded:
            return

    def transmit(self, frame: bytes) -> None:
        """Send one frame."""
        self._stream.send(frame)

    def await_frame(self) -> bytes:
        """Wait for one frame."""
        return self._stream.receive()

    def outgoing_extras(self) -> list[Any]:
        """Describe the classes that the trusted side has not met yet; release its objects."""
        undescribed, self._classes.undescribed = self._classes.undescribed, []
        released, self._peers.released = self._peers.released, []
        return [undescribed, released]

    def incoming_extras(self, extras: list[Any]) -> None:
        """Take over [seed or None, released objects]."""
        seed, released = extras
        if seed is not None:
            torch.manual_seed(seed)
        self._objects.release(released)

    def peer_number(self, instance: object) -> int:
        """Return the trusted side's number of a test-defined subclass's instance."""
        return self._peer_numbers[id(instance)]

    def handle(self, op: Op, arguments: list[Any]) -> object:
        """Do what the test asked for, with the student's objects."""
        match op, arguments:
            case Op.CALL, [target, args, kwargs]:
                return target(*args, **kwargs)
            case Op.CALL_METHOD, [target, name, args, kwargs, None]:
                return getattr(target, name)(*args, **kwargs)
            case Op.CALL_METHOD, [target, name, args, kwargs, cls]:
                return getattr(cls, name)(target, *args, **kwargs)
            case Op.GET_ATTRIBUTE, [target, name]:
                return getattr(target, name)
            case Op.SET_ATTRIBUTE, [target, name, value]:
                setattr(target, name, value)
                return None
            case Op.DELETE_ATTRIBUTE, [target, name]:
                delattr(target, name)
                return None
            case Op.NEXT, [target]:
                try:
                    return [next(target)]
                except StopIteration:
                    return []
            case Op.INSTANTIATE_SUBCLASS, [name, base, methods, peer_number]:
                return self._instantiate_subclass(name, base, methods, peer_number)
        raise ValueError(f"unknown request {op!r}")

    def describe_error(self, error: BaseException) -> list[Any]:
        """Return what the trusted side needs to raise a like error."""
        return describe_error(error, self._submission_dir)

    def raise_error(self, description: list[Any]) -> NoReturn:
        """Raise the test's own exception again, so that student code may handle it."""
        builtin_name, text, ticket = description
        error: Exception = getattr(builtins, builtin_name, RuntimeError)(text)
        error._peer_ticket = ticket  # type: ignore[attr-defined]
        raise error

    def object_to_reference(self, value: object) -> tuple[Ext, list[Any]]:
        """Name an object of the session's."""
        if isinstance(value, PeerObject):
            return Ext.OBJECT, [int(Ref.PEER), value.__dict__["_peer"][1]]
        if isinstance(value, type):
            return Ext.OBJECT, [int(Ref.CLASS), self._classes.number(value)]
        return Ext.OBJECT, [int(Ref.INSTANCE), self._objects.number(value), self._classes.number(type(value))]

    def object_from_reference(self, kind: Ext, reference: list[Any]) -> object:
        """Find what the trusted side named."""
        if kind == Ext.NAME:
            module, name = reference
            return reduce(getattr, name.split("."), importlib.import_module(module))
        match reference:
            case [Ref.INSTANCE, number]:
                return self._objects.get(number)
            case [Ref.CLASS, number]:
                return self._classes.get(number)
            case [Ref.PEER, number]:
                return self._peers.get(number)
            case [Ref.LOADER, tensors, batch_size, shuffle, drop_last]:
                return DataLoader(
                    TensorDataset(*tensors), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last
                )
        raise ValueError("unknown reference")

    def _instantiate_subclass(self, name: str, base: type, methods: list[str], peer_number: int) -> int:
        """Return the number of a new instance; it stays for as long as the session lasts."""
        key = (name, base, *methods)
        if key not in self._subclasses:
            self._subclasses[key] = make_subclass(self, name, base, methods)
        instance: object = object.__new__(self._subclasses[key])
        self._peer_numbers[id(instance)] = peer_number
        return self._objects.number(instance)


def serve_session(sock: socket.socket, classes: ClassTable, submission_dir: str) -> None:
    """Serve one session on `sock` in this (freshly forked) process."""
    HostSession(FrameStream(sock), classes, submission_dir).run()
