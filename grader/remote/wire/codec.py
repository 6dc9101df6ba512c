"""Plain values to bytes and back, by msgpack with a few extension types.

What crosses: None, bool, int, float, str, bytes, list, tuple, dict, set, slice, torch dtypes,
and three kinds of reference that the `References` of each side give meaning to: tensors,
objects and names. Subclasses of builtin types cross as the builtin (`numpy.float64` as float),
so no method of the sender's ever runs at the receiver.

Decoding is for hostile bytes: lengths are checked by msgpack against the frame before anything
is allocated, nesting is capped, and whatever is wrong becomes a ProtocolError.
"""

from __future__ import annotations

import enum
from typing import Any, Protocol

import msgpack
import numpy
import torch

from grader.remote.wire.bounds import check_bounds
from grader.remote.wire.frames import ProtocolError

MAX_DEPTH = 64
MAX_INT_BITS = 12_000  # more, and Python refuses to write it in decimal digits
MAX_CHOSEN_KEYS = 100
TIMESTAMPS_AS_FLOAT = 1  # msgpack knows them by itself; what crosses has no type for them

DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class CannotCross(TypeError):
    """A value that can't cross the boundary; the text says what to write instead."""


class Ext(enum.IntEnum):
    """Extension codes on the wire."""

    TUPLE = 1
    BIG_INT = 2
    SET = 3
    SLICE = 4
    DTYPE = 5
    ELLIPSIS = 6
    TENSOR = 7
    OBJECT = 8
    NAME = 9
    ARRAY = 10


class References(Protocol):
    """How one side turns its own tensors and objects into references, and references back."""

    def tensor_to_reference(self, tensor: torch.Tensor) -> list[Any]:
        """Return plain data that names `tensor`."""

    def tensor_from_reference(self, reference: list[Any]) -> torch.Tensor:
        """Return the tensor that `reference` names."""

    def object_to_reference(self, value: object) -> tuple[Ext, list[Any]]:
        """Return OBJECT or NAME and plain data that names `value`; CannotCross if it may not cross."""

    def object_from_reference(self, kind: Ext, reference: list[Any]) -> object:
        """Return the object that `reference` names."""


class Codec:
    """Encodes and decodes the values of one endpoint, with that endpoint's references."""

    def __init__(self, references: References):
        self._references = references

    def encode(self, value: object) -> bytes:
        """Return `value` as bytes; CannotCross if some part of it can't cross."""
        try:
            packed: bytes = msgpack.packb(value, default=self._extend, strict_types=True)
        except (ValueError, RecursionError, UnicodeError) as error:
            raise CannotCross(f"this value can't cross: {error}") from error
        return packed

    def decode(self, data: bytes) -> Any:
        """Return the value in `data`; ProtocolError for anything malformed."""
        check_bounds(data)
        return self._decode(data, 0)

    def _decode(self, data: bytes, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ProtocolError("values are nested too deeply")
        try:
            return msgpack.unpackb(
                data,
                ext_hook=lambda code, body: self._restore(code, body, depth + 1),
                object_pairs_hook=_dict,
                strict_map_key=False,
                timestamp=TIMESTAMPS_AS_FLOAT,
            )
        except ProtocolError:
            raise
        except Exception as error:
            raise ProtocolError(f"malformed value: {type(error).__name__}: {error}"[:300]) from error

    def _extend(self, value: object) -> Any:
        """Return what msgpack should pack in place of a value that it does not know."""
        match value:
            case torch.Tensor():
                return self._ext(Ext.TENSOR, self._references.tensor_to_reference(value))
            case tuple():
                return self._ext(Ext.TUPLE, list(value))
            case numpy.bool_():
                return bool(value)
            case int() | numpy.integer():
                return self._extend_int(int(value))
            case float() | numpy.floating():
                return float(value)
            case str():
                return str.__str__(value)
            case list():
                return list(value)
            case dict():
                return dict(value)
            case set() | frozenset():
                return self._ext(Ext.SET, list(value))
            case slice():
                return self._ext(Ext.SLICE, [value.start, value.stop, value.step])
            case torch.dtype():
                return self._ext(Ext.DTYPE, str(value).removeprefix("torch."))
            case numpy.ndarray() if value.dtype.name in DTYPES:
                return self._ext(Ext.ARRAY, [value.dtype.name, list(value.shape), value.tobytes()])
        if value is Ellipsis:
            return self._ext(Ext.ELLIPSIS, None)
        kind, reference = self._references.object_to_reference(value)
        return self._ext(kind, reference)

    def _extend_int(self, value: int) -> Any:
        if -(2**63) <= value < 2**64:
            return value
        if value.bit_length() > MAX_INT_BITS:
            raise CannotCross("an integer this large can't cross")
        return self._ext(Ext.BIG_INT, hex(value))

    def _ext(self, code: Ext, body: object) -> msgpack.ExtType:
        return msgpack.ExtType(int(code), self.encode(body))

    def _restore(self, code: int, data: bytes, depth: int) -> Any:
        body = self._decode(data, depth)
        match code, body:  # lists only: to iterate an object would be to ask the peer
            case Ext.TUPLE, list():
                return tuple(body)
            case Ext.BIG_INT, str() if len(body) <= len("-0x") + MAX_INT_BITS // 4:
                return int(body, 16)
            case Ext.SET, list():
                _check_keys(body)
                return set(body)
            case Ext.SLICE, [start, stop, step]:
                return slice(start, stop, step)
            case Ext.DTYPE, str() if body in DTYPES:
                return DTYPES[body]
            case Ext.ELLIPSIS, None:
                return Ellipsis
            case Ext.TENSOR, list():
                return self._references.tensor_from_reference(body)
            case ((Ext.OBJECT | Ext.NAME), list()):
                return self._references.object_from_reference(Ext(code), body)
            case Ext.ARRAY, [str(name), list(shape), bytes(contents)] if name in DTYPES:
                return numpy.frombuffer(bytearray(contents), dtype=name).reshape(shape)
        raise ProtocolError(f"a malformed value of extension type {code}")


def _dict(pairs: list[tuple[object, object]]) -> dict[object, object]:
    _check_keys([key for key, _ in pairs])
    return dict(pairs)


def _check_keys(keys: list[object]) -> None:
    """Refuse many keys whose hashes the peer could choose: all alike, they take for ever to tell apart."""
    chosen = sum(isinstance(key, tuple) or (type(key) is int and abs(key) >= 2**64) for key in keys)
    if chosen > MAX_CHOSEN_KEYS:
        raise ProtocolError("a set or dict has too many tuples for its keys")
