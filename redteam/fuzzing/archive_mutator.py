"""Mutates archives by their kind: zips, tars, and tars that are gzipped."""

from __future__ import annotations

import copy
import gzip
import random
import zlib
from collections.abc import Callable

from redteam.fuzzing import tar_mutator, zip_mutator

BYTES_LEFT_TO_LIBFUZZER = 0.15
GZIP = b"\x1f\x8b"


def mutate(data: bytes, max_size: int, seed: int, by_bytes: Callable[..., bytes]) -> bytes:
    """Return a mutant of an archive."""
    rng = random.Random(seed)
    if rng.random() < BYTES_LEFT_TO_LIBFUZZER:
        return by_bytes(data, max_size)
    if data.startswith(b"PK"):
        mutant = _zip(data, rng)
    elif data.startswith(GZIP):
        mutant = _gzip(data, rng)
    else:
        mutant = _tar(data, rng)
    if mutant is None or len(mutant) > max_size:
        return by_bytes(data, max_size)
    return mutant


def _changes(rng: random.Random) -> int:
    return rng.choice((1, 1, 1, 2, 3))


def _zip(data: bytes, rng: random.Random) -> bytes | None:
    archive = zip_mutator.parse(data)
    if archive is None:
        return None
    archive.entries = [copy.copy(entry) for entry in archive.entries]
    for _ in range(_changes(rng)):
        zip_mutator.change(archive, rng)
    return zip_mutator.build(archive)


def _tar(data: bytes, rng: random.Random) -> bytes:
    members = tar_mutator.parse(data)
    for _ in range(_changes(rng)):
        tar_mutator.change(members, rng)
    mutant = tar_mutator.build(members, rng)
    return gzip.compress(mutant, 6, mtime=0) if rng.random() < 0.02 else mutant


def _gzip(data: bytes, rng: random.Random) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = inflater.decompress(data, zip_mutator.MAX_UNPACKED_BYTES)
    except zlib.error:
        unpacked = b""
    packed = gzip.compress(_tar(unpacked, rng), 6, mtime=0)
    if rng.random() < 0.9:
        return packed
    place = rng.randrange(len(packed))
    flipped = bytes([packed[place] ^ 1 << rng.randrange(8)])
    return rng.choice(
        (
            packed[:place],
            packed + packed,
            packed + b"\0" * 9,
            packed + b"x",
            packed[:place] + flipped + packed[place + 1 :],
        )
    )
