"""A peer that speaks the protocol and lies: sequences of well-formed frames, made by hypothesis."""

import contextlib

import msgpack
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from grader.remote.wire.codec import Ext
from grader.remote.wire.frames import HEADER
from redteam.fuzzing import decoder

CONTENTS = st.sampled_from(
    [
        ["float32", [2], b"\0\0\x80?" * 2],
        ["float32", [2, 2], b"\0\0\x80?" * 4],
        ["float64", [], b"\0" * 8],
        ["int64", [1], b"\1" + b"\0" * 7],
        ["float32", [0], b""],
        ["bool", [1], b"\1"],
    ]
)
NUMBERS = st.integers(0, 9)
FLAGS = st.sampled_from([None, False, True])


def ext(code, body):
    return msgpack.ExtType(int(code), msgpack.packb(body))


TENSORS = st.builds(lambda number, cut: ext(Ext.TENSOR, [number, cut]), NUMBERS, st.booleans())
OBJECTS = st.builds(lambda kind, *numbers: ext(Ext.OBJECT, [kind, *numbers]), NUMBERS, NUMBERS, NUMBERS)
VALUES = st.recursive(
    st.one_of(st.none(), NUMBERS, st.floats(), st.text(max_size=5), TENSORS, OBJECTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(lambda items: ext(Ext.TUPLE, items)),
        st.lists(inner, max_size=3).map(lambda items: ext(Ext.SET, items)),
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["__call__", "__iter__", "__len__", "__getitem__", "step", "zero_grad", "lr", "nothing"]
)


class Peer(RuleBasedStateMachine):
    """Writes a stream frame by frame; the whole stream is read when it is over."""

    def __init__(self):
        super().__init__()
        self.stream = b""

    def send(self, kind, payload, new=(), changed=(), released=(), extras=((), ())):
        frame = msgpack.packb([kind, extras, released, new, changed, msgpack.packb(payload)])
        self.stream += HEADER.pack(len(frame)) + frame

    @rule(value=VALUES)
    def answer(self, value):
        self.send(0, value)

    @rule(number=NUMBERS, content=CONTENTS, crossing=st.integers(0, 4), inputs=st.lists(NUMBERS, max_size=2))
    def share(self, number, content, crossing, inputs):
        self.send(0, ext(Ext.TENSOR, [number, False]), new=[[number, content, crossing, inputs]])

    @rule(
        number=NUMBERS, content=CONTENTS, requires_grad=FLAGS, grad=st.one_of(FLAGS, CONTENTS), rebound=FLAGS
    )
    def change(self, number, content, requires_grad, grad, rebound):
        self.send(0, None, changed=[[number, content, requires_grad, grad, rebound]])

    @rule(numbers=st.lists(NUMBERS, max_size=3))
    def release(self, numbers):
        self.send(0, None, released=numbers, extras=((), numbers))

    @rule(number=NUMBERS, content=CONTENTS, inputs=st.lists(NUMBERS, max_size=3))
    def backward(self, number, content, inputs):
        self.send(2, [0, True, number, content, inputs])

    @rule(number=NUMBERS, name=NAMES, values=st.lists(VALUES, max_size=2))
    def call(self, number, name, values):
        self.send(2, [20, True, number, name, values, {}])

    @rule(op=st.integers(20, 23), number=NUMBERS, name=NAMES)
    def ask(self, op, number, name):
        self.send(2, [op, False, number, name] if op == 21 else [op, False, number])

    @rule(name=st.sampled_from(["ValueError", "OSError", "StopIteration", "Exit"]), ticket=NUMBERS)
    def fail(self, name, ticket):
        self.send(1, [name, "Own", "text", 2, [["f.py", 1, "f", "x = 1"]], ticket])

    @rule(number=NUMBERS, bases=st.lists(NUMBERS, max_size=2), methods=st.lists(NAMES, max_size=2))
    def describe(self, number, bases, methods):
        self.send(0, None, extras=([[number, "m", "C", bases, methods]], ()))

    def teardown(self):
        decoder.listen(self.stream)
        for script in (0, 2, 5):
            with contextlib.suppress(StopIteration):
                decoder.converse(bytes([script]) + self.stream)


TestPeer = Peer.TestCase
TestPeer.settings = settings(max_examples=60, stateful_step_count=12)
