"""One end of a session: strictly alternating requests and answers, nested as deep as calls are.

A frame is [kind, extras, released tensors, new tensors, changed tensors, payload]. New and
changed tensors are taken over before the payload is decoded, because the payload names them.
"""

from __future__ import annotations

import enum
from typing import Any, NoReturn

import msgpack
import torch

from grader.remote.wire.bounds import unpack
from grader.remote.wire.codec import Codec
from grader.remote.wire.contents import tensor_from_bytes, tensor_to_bytes
from grader.remote.wire.frames import ConnectionEnded, ProtocolError
from grader.remote.wire.graph import TensorKind, attach, cut, run_backward
from grader.remote.wire.tensors import TensorTable

MAX_NESTED_REQUESTS = 200


class Kind(enum.IntEnum):
    """What a frame is."""

    RESULT = 0
    ERROR = 1
    REQUEST = 2


class Op(enum.IntEnum):
    """What a request asks for. The first is understood by both sides."""

    BACKWARD = 0
    # The trusted side asks the session.
    CALL = 1
    CALL_METHOD = 2
    GET_ATTRIBUTE = 3
    SET_ATTRIBUTE = 4
    DELETE_ATTRIBUTE = 5
    NEXT = 6
    INSTANTIATE_SUBCLASS = 7
    # The session asks the trusted side about an object of the test's.
    PEER_CALL = 20
    PEER_GET_ATTRIBUTE = 21
    PEER_NEXT = 22


class Crossing(enum.IntEnum):
    """How a new tensor crosses; see tensors.py."""

    PLAIN = 0
    LEAF = 1
    ARGUMENT = 2
    RESULT = 3


class Endpoint:
    """Shared machinery of both ends; each side adds its objects, its transport and its operations.

    `answerable` are the exceptions that are sent to the peer as an answer; others end the session.
    """

    answerable: type[BaseException] = Exception

    def __init__(self, table: TensorTable):
        self.tensors = table
        self.codec = Codec(self)  # type: ignore[arg-type]  # subclasses complete `References`
        self._introductions: list[list[Any]] = []
        self._sending: Kind = Kind.REQUEST
        self._depth = 0

    # What each side provides.

    def transmit(self, frame: bytes) -> None:
        """Send one frame to the peer."""
        raise NotImplementedError

    def await_frame(self) -> bytes:
        """Return the peer's next frame."""
        raise NotImplementedError

    def handle(self, op: Op, arguments: list[Any]) -> object:
        """Serve one request of the peer's and return its result."""
        raise NotImplementedError

    def describe_error(self, error: BaseException) -> list[Any]:
        """Return plain data from which the peer can raise a like error."""
        raise NotImplementedError

    def raise_error(self, description: list[Any]) -> NoReturn:
        """Raise what the peer described."""
        raise NotImplementedError

    def outgoing_extras(self) -> list[Any]:
        """Return this side's own additions to a frame, as plain data."""
        return []

    def incoming_extras(self, extras: list[Any]) -> None:
        """Take over the peer's additions."""

    # Requests and answers.

    def request(self, op: Op, *arguments: object) -> Any:
        """Ask the peer and return its result; serves the peer's own requests meanwhile."""
        self._send(Kind.REQUEST, [int(op), torch.is_grad_enabled(), *arguments])
        while True:
            kind, payload = self.receive()
            if kind == Kind.RESULT:
                return payload
            if kind == Kind.ERROR:
                self.raise_error(payload)
            self.serve(payload)

    def serve(self, payload: Any) -> None:
        """Serve one request and answer it; ProtocolError if it is none."""
        match payload:
            case [op, grad_enabled, *arguments]:
                pass
            case _:
                raise ProtocolError("a malformed request")
        self._depth += 1
        try:
            if self._depth > MAX_NESTED_REQUESTS:
                raise RecursionError("calls between test and package are nested too deeply")
            if op == Op.BACKWARD:
                result: object = run_backward(self.tensors, *arguments)
            else:
                with torch.set_grad_enabled(bool(grad_enabled)):
                    result = self.handle(Op(op), arguments)
            self._send(Kind.RESULT, result)
        except (ProtocolError, ConnectionEnded):
            raise
        except self.answerable as error:
            self._send(Kind.ERROR, self.describe_error(error))
        finally:
            self._depth -= 1

    def request_backward(
        self, output: int, grad: torch.Tensor, inputs: dict[int, TensorKind]
    ) -> list[torch.Tensor | None]:
        """Ask the peer to run its part of a backward pass; return its gradient for each of `inputs`."""
        answers = self.request(Op.BACKWARD, output, tensor_to_bytes(grad), list(inputs))
        if type(answers) is not list or len(answers) != len(inputs):
            raise ProtocolError("a backward pass returned the wrong number of gradients")
        gradients = [None if answer is None else tensor_from_bytes(answer) for answer in answers]
        for gradient, kind in zip(gradients, inputs.values(), strict=True):
            if gradient is not None and (gradient.shape, gradient.dtype) != kind:
                raise ProtocolError("a backward pass returned a gradient that does not fit its tensor")
        return gradients

    def receive(self) -> tuple[Kind, Any]:
        """Return the next frame's kind and payload, its tensors already taken over."""
        try:
            kind, extras, released, introductions, changes, payload = unpack(self.await_frame())
            self.incoming_extras(extras)
            arrivals = [self._adopt(*introduction) for introduction in introductions]
            for change in changes:
                self.tensors.apply(change)
            value = self.codec.decode(payload)
            del arrivals  # held until the payload had its chance to refer to them
            self.tensors.settle()
            self.tensors.release(released)
            return Kind(kind), value
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError) as error:
            raise ProtocolError(f"malformed frame: {type(error).__name__}: {error}"[:300]) from error

    def _send(self, kind: Kind, value: object) -> None:
        self._sending = kind
        payload = self.codec.encode(value)
        introductions, self._introductions = self._introductions, []
        changes = self.tensors.changes()
        released, self.tensors.released = self.tensors.released, []
        frame: bytes = msgpack.packb(
            [int(kind), self.outgoing_extras(), released, introductions, changes, payload]
        )
        self.transmit(frame)

    # Tensors as references.

    def tensor_to_reference(self, tensor: torch.Tensor) -> list[Any]:
        """Return [number, cut]: `cut` asks the receiver to collect gradients apart."""
        as_result = self._sending == Kind.RESULT
        entry = self.tensors.find(tensor)
        is_node = tensor.requires_grad and not tensor.is_leaf
        is_new = entry is None
        if entry is not None and as_result and is_node:
            if entry.is_argument(tensor):
                is_new = tensor.grad_fn is not entry.cut_node  # else it is handed back as it came
            else:
                is_new = entry.output is None  # the peer has it as an argument so far
        if entry is None or is_new:
            entry = self.tensors.share(tensor)
        inputs: list[int] = []
        if as_result and is_node and not entry.is_argument(tensor):
            reached = self.tensors.reached_by(tensor)
            entry.output = tensor
            entry.output_needs = [kept for other in reached if (kept := other.reference()) is not None]
            inputs = [other.number for other in reached]
        if is_new:
            if not tensor.requires_grad:
                crossing = Crossing.PLAIN
            elif tensor.is_leaf:
                crossing = Crossing.LEAF
            else:
                crossing = Crossing.RESULT if as_result else Crossing.ARGUMENT
            self._introductions.append([entry.number, tensor_to_bytes(tensor), int(crossing), inputs])
        return [entry.number, is_node and not as_result]

    def tensor_from_reference(self, reference: list[Any]) -> torch.Tensor:
        """Return the tensor under [number, cut]."""
        match reference:
            case [int(number), bool(wants_cut)]:
                pass
            case _:
                raise ProtocolError("a malformed reference to a tensor")
        entry = self.tensors.get(number)
        tensor = entry.reference()
        if tensor is None:
            raise ProtocolError("a frame names a tensor that has gone")
        if not wants_cut or not tensor.is_floating_point():
            return tensor
        if entry.base is None:
            visible = cut(self, self.tensors, entry, tensor)
            if entry.owned:
                self.tensors.show(entry, visible)
            else:
                entry.requires_grad = True
                self.tensors.replace(entry, visible)
            return visible
        return tensor if entry.visible is None else entry.visible

    def _adopt(self, number: int, content: list[Any], crossing: int, inputs: list[int]) -> torch.Tensor:
        tensor = arrived = tensor_from_bytes(content)
        if crossing != Crossing.PLAIN and not arrived.is_floating_point():
            raise ProtocolError("a tensor of whole numbers takes no gradient")
        match crossing:
            case Crossing.PLAIN:
                self.tensors.adopt(number, tensor)
            case Crossing.LEAF:
                self.tensors.adopt(number, tensor.requires_grad_())
            case Crossing.ARGUMENT:
                entry = self.tensors.adopt(number, arrived)
                tensor = cut(self, self.tensors, entry, arrived)
                entry.requires_grad = True
                self.tensors.replace(entry, tensor)
            case Crossing.RESULT:
                self.tensors.check_new(number)
                tensor = attach(self, self.tensors, number, tensor, inputs)
                self.tensors.adopt(number, tensor, weak=True)
            case _:
                raise ProtocolError("a tensor crosses in an unknown way")
        return tensor
