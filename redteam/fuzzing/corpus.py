"""The kept corpus: inputs that together reach all that a campaign has reached, packed in one zip a target.

They are chosen by the steps from line to line that they take through the product, smallest first, each only
if it takes one that no other took.
"""

from __future__ import annotations

import importlib
import sys
import types
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from redteam.fuzzing.targets import TARGETS, Target

CHECKOUT = Path(__file__).parents[2]
KEPT = CHECKOUT / "tests" / "fuzzing" / "corpus"
MAX_KEPT_BYTES = 400_000
Step = tuple[types.CodeType, int, int]


def read_corpus(name: str) -> dict[str, bytes]:
    """Return the kept inputs of a target by name."""
    place = KEPT / f"{name}.zip"
    if not place.exists():
        return {}
    with zipfile.ZipFile(place) as archive:
        return {entry: archive.read(entry) for entry in archive.namelist()}


def keep(name: str, inputs: Iterable[bytes]) -> tuple[int, int, int]:
    """Keep a small corpus out of `inputs`; return its number, and of the lines: those reached, and all."""
    target = TARGETS[name]
    watch = Watch(target)
    kept: list[bytes] = []
    for data in sorted(set(inputs), key=lambda data: (len(data), data)):
        if watch.steps_of(data) and sum(map(len, kept)) + len(data) <= MAX_KEPT_BYTES:
            kept.append(data)
    KEPT.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(KEPT / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number, data in enumerate(kept):
            archive.writestr(zipfile.ZipInfo(f"{number:04}"), data, zipfile.ZIP_DEFLATED)
    return len(kept), len(watch.lines), len(lines_of(target))


class Watch:
    """Sees which steps a target's inputs take through the product."""

    def __init__(self, target: Target):
        self._run = target.load_run()
        self._files = {str(path) for path in watched_files(target)}
        self._seen: set[Step] = set()
        self.lines: set[tuple[str, int]] = set()

    def steps_of(self, data: bytes) -> set[Step]:
        """Run one input; return the steps that no input took before."""
        taken: set[Step] = set()

        def enter(frame: types.FrameType, event: str, argument: object) -> Callable[..., Any] | None:
            if frame.f_code.co_filename not in self._files:
                return None
            last = 0

            def step(frame: types.FrameType, event: str, argument: object) -> Callable[..., Any]:
                nonlocal last
                taken.add((frame.f_code, last, frame.f_lineno))
                last = frame.f_lineno
                return step

            return step

        before = sys.gettrace()
        sys.settrace(enter)
        try:
            self._run(data)
        finally:
            sys.settrace(before)
        new = taken - self._seen
        self._seen |= new
        self.lines |= {(code.co_filename, line) for code, _, line in new}
        return new


def watched_files(target: Target) -> list[Path]:
    """Return the source files of the product that a target is about."""
    return [Path(str(importlib.import_module(name).__file__)) for name in target.watched]


def lines_of(target: Target) -> set[tuple[str, int]]:
    """Return all lines of functions in the files that a target is about: what an input could reach."""
    return {
        (str(path), line)
        for path in watched_files(target)
        for code in _functions(compile(path.read_text(encoding="utf-8"), str(path), "exec"))
        for _, _, line in code.co_lines()
        if line is not None and line != code.co_firstlineno
    }


def _functions(code: types.CodeType) -> Iterable[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_flags & 0x02:  # CO_NEWLOCALS: a function, not a class's body
                yield constant
            yield from _functions(constant)
