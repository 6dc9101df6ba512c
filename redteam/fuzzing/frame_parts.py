"""Nodes that the mutator of frames puts in: numbers, words, and whole values of the kinds the wire knows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from grader.remote.wire.codec import DTYPES, Ext
from grader.remote.wire.names import SPECIAL_METHODS

NUMBERS = (
    *(-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22, 101, 127, 128, 255, 256, 2**16, 10**5, 2**31 - 1),
    *(2**31, 2**32 - 1, 2**32, 2**53, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**31), -(2**63)),
)
WORDS = (
    *sorted(SPECIAL_METHODS),
    *DTYPES,
    *("", "forward", "parameters", "W", "b", "step", "zero_grad", "lr", "throw", "close", "gi_frame", "mro"),
    *("remote_number", "remote_package", "_remote_handle", "__class__", "__dict__", "__reduce__", "__del__"),
    *(
        "ValueError",
        "OSError",
        "KeyError",
        "StopIteration",
        "SystemExit",
        "BaseException",
        "UnicodeDecodeError",
    ),
    *(
        "ExceptionGroup",
        "Warning",
        "error",
        "names",
        "classes",
        "class",
        "function",
        "value",
        "\0",
        "ü",
        "x" * 300,
    ),
    *("0x" + "f" * 3_500, "1_0", "-ff", "torch", "builtins"),
)
SHAPES = ([], [1], [2], [2, 1], [2, 2], [2, 3], [0], [0, 3], [0, 2**62], [2**64 - 1, 0], [-1], [1] * 40)
NOT_FINITE = (float("inf"), float("nan"))
FLOATS = (0.0, -0.0, 1.0, 1e308, *NOT_FINITE)


@dataclass
class Body:
    """An extension with a body that is msgpack, or (code None) bytes that are."""

    code: int | None
    inner: list[Any]  # of one item, so that it can be put elsewhere as all other nodes


def new_node(rng: random.Random) -> Any:
    """Return a node of the kinds that the wire knows."""
    number = rng.choice((0, 1, 2, 3, 4, 5, rng.choice(NUMBERS) % 2**64))
    return rng.choice(
        (
            lambda: rng.choice(NUMBERS),
            lambda: rng.choice(WORDS),
            lambda: rng.choice(FLOATS),
            lambda: rng.choice((None, True, False, b"", [], {})),
            lambda: new_content(rng),
            lambda: [number, new_content(rng), rng.randrange(5), [rng.randrange(6)]],
            lambda: [
                number,
                new_content(rng),
                rng.choice((None, True, False)),
                rng.choice((None, False, new_content(rng))),
                True,
            ],
            lambda: Body(int(Ext.TENSOR), [[number, rng.random() < 0.5]]),
            lambda: Body(
                int(Ext.OBJECT), [rng.choice(([0, number, rng.randrange(8)], [1, number], [2, number]))]
            ),
            lambda: Body(int(Ext.NAME), [["torch", "relu"]]),
            lambda: Body(int(Ext.ARRAY), [new_content(rng)]),
            lambda: Body(
                int(rng.choice(list(Ext))),
                [rng.choice((rng.choice(WORDS), [1, 2], [None, number, "x"], number))],
            ),
            lambda: [
                number,
                "pupil",
                rng.choice(WORDS),
                [rng.randrange(6)],
                [rng.choice(WORDS), rng.choice(WORDS)],
            ],
            lambda: new_request(rng),
            lambda: [
                rng.choice(WORDS),
                rng.choice(WORDS),
                "text",
                rng.choice((None, 2)),
                [["f.py", 1, "f", "x"]],
                number,
            ],
            lambda: new_frame(rng),
        )
    )()


def new_content(rng: random.Random) -> list[Any]:
    dtype = rng.choice(list(DTYPES))
    shape = rng.choice(
        ([], [1], [2], [2, 1], [2, 2], [2, 3], [0], [0, 3], [0, 2**62], [2**64 - 1, 0], [-1], [1] * 40)
    )
    size = DTYPES[dtype].itemsize
    for extent in shape:
        size *= extent
    return [dtype, list(shape), b"\1" * size if 0 <= size <= 512 else b"\1" * 4]


def new_request(rng: random.Random) -> list[Any]:
    number = rng.randrange(4)
    return rng.choice(
        (
            [0, True, number, new_content(rng), [rng.randrange(6)]],
            [20, True, number, rng.choice(WORDS), [Body(int(Ext.TENSOR), [[number, True]])], {}],
            [20, False, number, "__call__", [new_content(rng), 1.0], {"x": number}],
            [21, True, number, rng.choice(WORDS)],
            [22, True, number],
        )
    )


def new_frame(rng: random.Random) -> list[Any]:
    payload = (
        new_request(rng)
        if rng.random() < 0.4
        else new_node(rng)
        if rng.random() < 0.3
        else rng.choice(NUMBERS)
    )
    kind = 2 if isinstance(payload, list) else rng.choice((0, 0, 0, 1, 2))
    return [kind, [[], []], [], [], [], Body(None, [payload])]
