"""Writes small pictures as PNG data addresses, so that a report is one file."""

from __future__ import annotations

import base64
import struct
import zlib

_GREY, _RGBA = 0, 6


def grey_data_uri(pixels: bytes, width: int) -> str:
    """Return a `data:image/png` address for grey bytes given row by row from the top."""
    return _data_uri(pixels, width, 1, _GREY)


def rgba_data_uri(pixels: bytes, width: int) -> str:
    """Return a `data:image/png` address for red, green, blue, alpha bytes row by row from the top."""
    return _data_uri(pixels, width, 4, _RGBA)


def _data_uri(pixels: bytes, width: int, channels: int, colour_type: int) -> str:
    row_bytes = width * channels
    rows = [pixels[start : start + row_bytes] for start in range(0, len(pixels), row_bytes)]
    header = struct.pack(">IIBBBBB", width, len(rows), 8, colour_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)  # 0: this row is not filtered
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
