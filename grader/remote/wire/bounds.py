"""How much a message may turn into, found out before it is decoded.

Theory of operation. msgpack is compact: one byte can become an object of 64, and five bytes announce a list
for which room is set aside at once, within lists of which the same is true. So long messages are walked
through first, building nothing: the values that they announce are counted, and the bytes that the bodies
of extensions are copied to. Short ones can't do harm, and are most of what crosses.
"""

from __future__ import annotations

from typing import Any

import msgpack

from grader.remote.wire.frames import ProtocolError

SHORT_BYTES = 4 * 1024
MAX_VALUES = 500_000
MAX_BODY_BYTES = 512 * 1024**2
MAX_NESTED_BODIES = 100

# What follows a value's first byte: the bytes of its length, and whether it counts bytes or values.
_BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_LISTS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}
_BODIES = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_BODIES = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_FIXED = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}


def check_bounds(data: bytes, short_bytes: int = SHORT_BYTES) -> None:
    """Raise ProtocolError if the msgpack in `data`, bodies of extensions included, would become too much.

    Messages of at most `short_bytes` are not looked at.
    """
    if len(data) > short_bytes:
        try:
            _Walk(data).value(0, len(data), 0)
        except IndexError as error:
            raise ProtocolError("a message ends within a value") from error


def unpack(data: bytes) -> Any:
    """Return the plain value in `data`, with texts for keys; ProtocolError for anything malformed."""
    check_bounds(data)
    try:
        return msgpack.unpackb(data)
    except (ValueError, msgpack.UnpackException) as error:
        raise ProtocolError(f"malformed frame: {error}"[:300]) from error


class _Walk:
    def __init__(self, data: bytes):
        self._data = data
        self._values_left = MAX_VALUES
        self._body_bytes_left = MAX_BODY_BYTES

    def value(self, position: int, end: int, depth: int) -> None:
        """Walk through the one value that lies from `position` to `end`."""
        data, expected = self._data, 1
        while expected:
            expected -= 1
            first = data[position]
            position += 1
            if first < 0x80 or first >= 0xE0:  # a small number
                continue
            announced = 0
            if first < 0x90:
                announced = 2 * (first & 0x0F)
            elif first < 0xA0:
                announced = first & 0x0F
            elif first < 0xC0:
                position += first & 0x1F
            elif first in _FIXED:
                position += _FIXED[first]
            elif first in _FIXED_BODIES:
                position = self._body(position, _FIXED_BODIES[first], depth)
            elif width := _BYTES.get(first):
                position += width + self._length(position, width)
            elif width := _LISTS.get(first):
                announced = self._length(position, width)
                position += width
            elif width := _MAPS.get(first):
                announced = 2 * self._length(position, width)
                position += width
            elif width := _BODIES.get(first):
                position = self._body(position + width, self._length(position, width), depth)
            self._values_left -= announced
            if self._values_left < 0:
                raise ProtocolError(f"a message holds more than {MAX_VALUES:,} values")
            expected += announced
        if position != end:
            raise ProtocolError("a value has another length than it says")

    def _length(self, position: int, width: int) -> int:
        return int.from_bytes(self._data[position : position + width], "big")

    def _body(self, position: int, length: int, depth: int) -> int:
        """Walk through an extension's body, its code first; return where it ends."""
        start, end = position + 1, position + 1 + length
        self._body_bytes_left -= length
        if depth >= MAX_NESTED_BODIES or self._body_bytes_left < 0:
            raise ProtocolError("values are nested too deeply")
        self.value(start, end, depth + 1)
        return end
