"""Pictures in notebooks: shown only if their own first bytes say that they are small PNG or JPEG files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 4 * 1024**2
MAX_SIDE = 8_000
MAX_PIXELS = 25_000_000  # what a browser has to unpack

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # tables and extensions, no frames


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown; sides are in pixels."""

    media_type: str
    content: bytes
    width: int
    height: int


def checked_picture(content: bytes) -> Picture | None:
    """Return the picture that these bytes are; None for anything that is no PNG or JPEG of a usual size."""
    if len(content) > MAX_BYTES:
        return None
    if content.startswith(_PNG):
        media_type, size = "image/png", _png_size(content)
    elif content.startswith(_JPEG):
        media_type, size = "image/jpeg", next(_jpeg_sizes(content), None)
    else:
        return None
    if size is None or not all(0 < side <= MAX_SIDE for side in size) or size[0] * size[1] > MAX_PIXELS:
        return None
    return Picture(media_type, content, *size)


def _png_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 33 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield width and height of each frame header."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], struct.unpack(">H", content[place + 2 : place + 4])[0]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            yield width, height
        if length < 2:
            return
        place += 2 + length
