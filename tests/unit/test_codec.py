"""Values to bytes and back, and hostile bytes: whatever arrives, a value or a ProtocolError comes out."""

import contextlib
import math
import tracemalloc

import msgpack
import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.remote.wire.codec import MAX_DEPTH, CannotCross, Codec, Ext
from grader.remote.wire.frames import ProtocolError


class NoReferences:
    """Tensors cross by position in a list; objects don't."""

    def __init__(self):
        self.tensors = []

    def tensor_to_reference(self, tensor):
        self.tensors.append(tensor)
        return [len(self.tensors) - 1]

    def tensor_from_reference(self, reference):
        return self.tensors[reference[0]]

    def object_to_reference(self, value):
        raise CannotCross("no objects here")

    def object_from_reference(self, kind, reference):
        raise ProtocolError("no objects here")


CODEC = Codec(NoReferences())

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.sampled_from([torch.float32, torch.int64, torch.bool, ...]),
)
keys = st.one_of(st.integers(), st.text(), st.tuples(st.integers(), st.text()))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(keys, inner),
        st.sets(keys),
        st.builds(slice, st.integers(), st.none(), st.integers()),
    ),
    max_leaves=20,
)


def types_of(value):
    """The types within a value, since True == 1 == 1.0."""
    if isinstance(value, dict):
        return {key: types_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [type(value), *map(types_of, value)]
    return type(value)


@given(values)
def test_round_trip(value):
    back = CODEC.decode(CODEC.encode(value))
    assert back == value
    assert types_of(back) == types_of(value)


@given(
    st.sampled_from(["float32", "float64", "int64", "uint8", "bool"]), st.lists(st.integers(0, 3), max_size=3)
)
def test_arrays(dtype, shape):
    array = numpy.ones(shape, dtype=dtype)
    back = CODEC.decode(CODEC.encode(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert (back == array).all()


def test_a_subclass_crosses_as_the_builtin_without_running_its_methods():
    class Hostile(str):
        def __str__(self):
            raise AssertionError("ran")

        __eq__ = __hash__ = __len__ = __iter__ = __str__

    class Odd(float):
        def __float__(self):
            return 2.0

    assert CODEC.decode(CODEC.encode(Hostile("x"))) == "x"
    assert type(CODEC.decode(CODEC.encode(numpy.float64(0.5)))) is float
    assert type(CODEC.decode(CODEC.encode(Odd(0.5)))) is float
    assert math.isnan(CODEC.decode(CODEC.encode(math.nan)))


def test_tensors_keep_their_identity():
    tensor = torch.ones(2)
    assert CODEC.decode(CODEC.encode([tensor]))[0] is tensor


def circle():
    value = []
    value.append(value)
    return value


UNABLE = {
    "object": object(),
    "function": lambda: 0,
    "complex": 1j,
    "huge integer": 1 << 100_000,
    "lone surrogate": "\ud800",
    "circle": circle(),
    "array of text": numpy.array(["a"]),
    "array of objects": numpy.array([object()]),
}


@pytest.mark.parametrize("name", UNABLE)
def test_what_cannot_cross(name):
    with pytest.raises(CannotCross):
        CODEC.encode(UNABLE[name])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_value_or_a_protocol_error(data):
    with contextlib.suppress(ProtocolError):
        CODEC.decode(data)


@given(values, st.data())
def test_damaged_bytes_are_a_value_or_a_protocol_error(value, data):
    damaged = bytearray(CODEC.encode(value))
    position = data.draw(st.integers(0, len(damaged) - 1))
    damaged[position] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ProtocolError):
        CODEC.decode(bytes(damaged))


def ext(code, body):
    return msgpack.packb(msgpack.ExtType(code, msgpack.packb(body)))


def nested(depth):
    data = msgpack.packb([])
    for _ in range(depth):
        data = msgpack.packb(msgpack.ExtType(Ext.TUPLE, data))
    return data


HOSTILE = {
    "an array that announces 4 billion items": b"\xdd\xff\xff\xff\xff",
    "a map that announces 4 billion items": b"\xdf\xff\xff\xff\xff",
    "bytes that announce 4 GiB": b"\xc6\xff\xff\xff\xff",
    "an extension that announces 4 GiB": b"\xc9\xff\xff\xff\xff\x01",
    "deep lists": b"\x91" * 100_000,
    "deep extensions": nested(MAX_DEPTH + 1),
    "an endless integer": ext(Ext.BIG_INT, "f" * 5_000),
    "an integer of no digits": ext(Ext.BIG_INT, "zz"),
    "a set of lists": ext(Ext.SET, [[1]]),
    "a dtype of no name": ext(Ext.DTYPE, "object"),
    "a tuple of a number": ext(Ext.TUPLE, 1),
    "an array of objects": ext(Ext.ARRAY, ["object", [1], b"12345678"]),
    "an array of the wrong size": ext(Ext.ARRAY, ["float32", [2**40], b"1234"]),
    "an array of negative size": ext(Ext.ARRAY, ["float32", [-1, 2**40], b"1234"]),
    "an unknown extension": ext(77, 1),
    "text that is no text": b"\xa1\xff",
    "trailing bytes": b"\x01\x01",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_refused_in_little_memory(name):
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            CODEC.decode(HOSTILE[name])
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 20 * 1024**2
