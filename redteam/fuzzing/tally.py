"""The account of a campaign: a small file that every input updates, so that no crash loses it."""

from __future__ import annotations

import mmap
import struct
import zlib
from pathlib import Path

FIELDS = ("inputs", "distinct", "seconds", "slowest_s", "memory_bytes")
FORMAT = struct.Struct("<QQddQ")
FILTER_BITS = 2**28


class Tally:
    """Counts of one campaign, kept in the file `path`.

    `inputs` were run; `distinct` is a lower bound on how many differed: it counts those whose checksums
    were not met before. `seconds` went by, `slowest_s` was the CPU time of the slowest input, and
    `memory_bytes` the most that a worker ever grew by.
    """

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        size = FORMAT.size + FILTER_BITS // 8
        with path.open("a+b") as file:
            file.truncate(size)
            self._map = mmap.mmap(file.fileno(), size)
        self.inputs, self.distinct, self.seconds, self.slowest_s, self.memory_bytes = FORMAT.unpack_from(
            self._map
        )

    def touch(self) -> None:
        """Read all of the file, so that its pages are in memory before that is measured."""
        zlib.crc32(self._map)

    def count(self, data: bytes) -> None:
        """Count one input."""
        self.inputs += 1
        bit = (zlib.crc32(data) << 32 | zlib.adler32(data)) * 0x9E3779B97F4A7C15 >> 24 & FILTER_BITS - 1
        place, mask = FORMAT.size + (bit >> 3), 1 << (bit & 7)
        if not self._map[place] & mask:
            self._map[place] |= mask
            self.distinct += 1

    def save(self) -> None:
        """Write the counts."""
        FORMAT.pack_into(
            self._map, 0, self.inputs, self.distinct, self.seconds, self.slowest_s, self.memory_bytes
        )
