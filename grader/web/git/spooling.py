"""A request's body as a file: unpacked if it was compressed, never more than a limit, never in memory."""

from __future__ import annotations

import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType
from werkzeug.wsgi import get_input_stream

PIECE_BYTES = 64 * 1024
LONGEST_S = 600.0
IDENTITY = "identity"
GZIP = 16 + zlib.MAX_WBITS


def spool(folder: Path, most_bytes: int, discarded_bytes: int = 0) -> tuple[IO[bytes], bool]:
    """Return an unnamed file in `folder` with the request's body, and whether it is the whole body.

    It holds `most_bytes` at most, up to a piece; the rest is read and thrown away. Raises BadRequest for a
    body that is cut off or damaged, RequestEntityTooLarge if that is more than `discarded_bytes`, and
    RequestTimeout for a client that falls silent or takes too long. Nothing is unpacked to be thrown away.
    """
    longest_bytes = most_bytes + (discarded_bytes if _encoding() == IDENTITY else 0)
    # Closed by whoever is given it.
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    try:
        received = 0
        for piece in _unpacked(_pieces()):
            received += len(piece)
            if received > longest_bytes:
                raise RequestEntityTooLarge
            if received <= most_bytes:
                file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, received <= most_bytes


def _pieces() -> Iterator[bytes]:
    stream = get_input_stream(request.environ)
    received = 0
    ends_s = time.monotonic() + LONGEST_S
    try:
        while piece := stream.read(PIECE_BYTES):
            received += len(piece)
            if time.monotonic() > ends_s:
                raise RequestTimeout
            yield piece
    except TimeoutError:
        raise RequestTimeout from None
    except (OSError, ParseException):  # the connection is gone, or its chunks are cut off or damaged
        raise BadRequest from None
    if request.content_length is not None and received < request.content_length:
        raise BadRequest


def _encoding() -> str:
    return request.headers.get("Content-Encoding", IDENTITY).lower()


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the body's pieces, unpacked a bounded piece at a time; BadRequest if they are damaged."""
    encoding = _encoding()
    if encoding == IDENTITY:
        yield from pieces
        return
    if encoding not in ("gzip", "x-gzip"):
        raise UnsupportedMediaType
    inflater = zlib.decompressobj(GZIP)
    try:
        for piece in pieces:
            rest = piece
            while rest and not inflater.eof:
                yield inflater.decompress(rest, PIECE_BYTES)
                rest = inflater.unconsumed_tail
            if inflater.eof and (rest or inflater.unused_data):
                raise BadRequest
    except zlib.error:
        raise BadRequest from None
    while not inflater.eof and (tail := inflater.decompress(inflater.unconsumed_tail, PIECE_BYTES)):
        yield tail
    if not inflater.eof:
        raise BadRequest
