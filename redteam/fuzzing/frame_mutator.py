"""Mutates streams of frames as what they are: msgpack within msgpack, with lengths that agree.

Most mutants differ in one node of one frame, and so reach the code behind the outer checks. The rest are
left to libFuzzer's own byte mutations.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from typing import Any

import msgpack

from grader.remote.wire.codec import MAX_DEPTH, Ext
from grader.remote.wire.frames import HEADER
from redteam.fuzzing.frame_parts import FLOATS, NOT_FINITE, NUMBERS, WORDS, Body, new_frame, new_node

BYTES_LEFT_TO_LIBFUZZER = 0.1
PAYLOAD = 5  # where the payload lies in a frame
MAX_NODES = 400


def mutate_conversation(data: bytes, max_size: int, seed: int, by_bytes: Callable[..., bytes]) -> bytes:
    """Return a mutant of [script, frames…]."""
    rng = random.Random(seed)
    if not data or rng.random() < BYTES_LEFT_TO_LIBFUZZER:
        return by_bytes(data, max_size)
    first = bytes([rng.randrange(256)]) if rng.random() < 0.02 else data[:1]
    return first + mutate_stream(data[1:], max_size - 1, rng)


def mutate_frames(data: bytes, max_size: int, seed: int, by_bytes: Callable[..., bytes]) -> bytes:
    """Return a mutant of a stream of frames."""
    rng = random.Random(seed)
    if rng.random() < BYTES_LEFT_TO_LIBFUZZER:
        return by_bytes(data, max_size)
    return mutate_stream(data, max_size, rng)


def mutate_stream(stream: bytes, max_size: int, rng: random.Random) -> bytes:
    """Return the stream with one to three changes, its lengths (nearly always) right."""
    frames = list(split(stream))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not frames or rng.random() < 0.08:
            _change_frames(frames, rng)
            continue
        position = rng.randrange(len(frames))
        node = [parse_frame(frames[position])]
        if node[0] is None:
            node = [new_frame(rng)]
        _change(node, rng)
        frames[position] = _packed(node[0] if node else None)
    joined = b"".join(HEADER.pack(len(frame)) + frame for frame in frames)
    if len(joined) > max_size:
        return stream[: rng.randrange(max_size)]
    if rng.random() < 0.01 and len(joined) >= HEADER.size:
        return HEADER.pack(rng.choice(NUMBERS) % 2**32) + joined[HEADER.size :]
    return joined


def split(stream: bytes) -> Iterator[bytes]:
    """Yield the whole frames of a stream, and what is left as the last one."""
    position = 0
    while position + HEADER.size <= len(stream):
        (length,) = HEADER.unpack_from(stream, position)
        yield stream[position + HEADER.size : position + HEADER.size + length]
        position += HEADER.size + length


def parse_frame(frame: bytes) -> Any:
    """Return a frame as a tree, its payload and extensions as trees too; None if it is no msgpack."""
    tree = _parse(frame)
    if isinstance(tree, list) and len(tree) > PAYLOAD and isinstance(tree[PAYLOAD], bytes):
        inner = _parse(tree[PAYLOAD])
        tree[PAYLOAD] = Body(None, [inner])
    return tree


def _parse(data: bytes, depth: int = 0) -> Any:
    """Return msgpack as a tree; None if it is none, or goes deeper than the codec would."""

    def body(code: int, inner: bytes) -> Body:
        return Body(code, [_parse(inner, depth + 1)])

    try:
        return msgpack.unpackb(data, ext_hook=body, strict_map_key=False) if depth <= MAX_DEPTH + 2 else None
    except Exception:
        return None


def _packed(node: Any) -> bytes:
    try:
        return msgpack.packb(node, default=_lowered)
    except Exception:  # too deep, too large or an unhashable key
        return b"\xc0"


def _lowered(body: Body) -> Any:
    inner = _packed(body.inner[0])
    return inner if body.code is None else msgpack.ExtType(body.code % 128, inner)


def _slots(root: list[Any]) -> list[tuple[Any, Any]]:
    """Return every place of the tree that holds a node, as (container, key)."""
    slots: list[tuple[Any, Any]] = []
    waiting: list[Any] = [root]
    while waiting and len(slots) < MAX_NODES:
        container = waiting.pop()
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            slots.append((container, key))
            child = container[key]
            if isinstance(child, (list, dict)):
                waiting.append(child)
            elif isinstance(child, Body):
                waiting.append(child.inner)
    return slots


def _change(root: list[Any], rng: random.Random) -> None:
    slots = _slots(root)
    container, key = rng.choice(slots)
    value = container[key]
    choice = rng.random()
    if choice < 0.4:
        container[key] = _varied(value, rng)
    elif choice < 0.6:
        container[key] = new_node(rng)
    elif choice < 0.75:
        other, other_key = rng.choice(slots)
        copy = _parse(_packed(value))  # never the node itself, which would make a circle
        container[key] = _parse(_packed(other[other_key]))
        if rng.random() < 0.5:
            other[other_key] = copy
    elif isinstance(container, list) and choice < 0.85:
        container.insert(key, value if rng.random() < 0.5 else new_node(rng))
    elif isinstance(container, list) and len(container) > 1 and choice < 0.95:
        del container[key]
    elif isinstance(value, Body):
        value.code = rng.choice((None, *Ext, -1, 11, 77)) if value.code is not None else None
    else:
        container[key] = rng.choice((lambda: [value], lambda: Body(int(rng.choice(list(Ext))), [value])))()


def _varied(value: Any, rng: random.Random) -> Any:
    """Return something much like `value`."""
    match value:
        case bool() | None:
            return rng.choice((True, False, None, 1))
        case int():
            return (
                rng.choice((value + 1, value - 1, value ^ (1 << rng.randrange(64)), rng.choice(NUMBERS)))
                % 2**64
            )
        case float():
            return rng.choice(FLOATS)
        case str():
            return rng.choice((rng.choice(WORDS), value + "\0", value * 2, value[:-1]))
        case bytes() if value:
            position = rng.randrange(len(value))
            special = struct.pack("<f", rng.choice((2.0, *NOT_FINITE))) if rng.random() < 0.5 else b""
            return rng.choice(
                (
                    value[:position] + special + value[position + len(special) :],
                    value[:position],
                    value + value,
                )
            )
        case list() if value:
            return rng.choice(
                (value[:-1], value + value, value[::-1], [], [value], list(rng.sample(value, len(value))))
            )
        case dict() if value:
            return rng.choice(({}, dict(list(value.items())[1:]), list(value.items())))
        case Body():
            return rng.choice((Body(value.code, [new_node(rng)]), value.inner[0], Body(value.code, [value])))
    return new_node(rng)


def _change_frames(frames: list[bytes], rng: random.Random) -> None:
    """Insert, repeat, drop or exchange a whole frame."""
    if not frames or rng.random() < 0.5:
        frames.insert(rng.randint(0, len(frames)), _packed(new_frame(rng)))
        return
    one, other = rng.randrange(len(frames)), rng.randrange(len(frames))
    choice = rng.randrange(3)
    if choice == 0:
        frames.insert(other, frames[one])
    elif choice == 1:
        del frames[one]
    else:
        frames[one], frames[other] = frames[other], frames[one]
