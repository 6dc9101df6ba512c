"""The targets by name: what takes an input, where inputs start from, and how they are mutated."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

Mutator = Callable[[bytes, int, int, Callable[[bytes, int], bytes]], bytes]


@dataclass(frozen=True)
class Target:
    """One target; functions as "module:name", so that the code they import is watched from its first line."""

    name: str
    title: str  # what the table calls it
    run: str
    seeds: str
    mutate: str
    watched: tuple[str, ...]  # the modules of the product in which branches are counted
    max_input_bytes: int
    inputs_per_worker: int

    def load_run(self) -> Callable[[bytes], None]:
        """Return what takes one input; raises Broken."""
        return _load(self.run)

    def load_seeds(self) -> dict[str, bytes]:
        """Return the first inputs by name."""
        return _load(self.seeds)()

    def load_mutator(self) -> Mutator:
        """Return the mutator: input, largest size, seed and libFuzzer's own mutation to an input."""
        return _load(self.mutate)


def _load(place: str) -> Callable[..., object]:  # type: ignore[misc]
    module, name = place.split(":")
    return getattr(importlib.import_module(f"redteam.fuzzing.{module}"), name)


WIRE = (
    *(
        f"grader.remote.wire.{name}"
        for name in ("bounds", "codec", "contents", "endpoint", "frames", "graph")
    ),
    *(f"grader.remote.wire.{name}" for name in ("names", "shared", "tensors")),
    *(f"grader.remote.importing.{name}" for name in ("callbacks", "errors", "own_errors", "package")),
    *(f"grader.remote.importing.{name}" for name in ("proxies", "session")),
)
INTAKE = (
    *(f"grader.submissions.{name}" for name in ("archive", "intake", "names", "observations", "package")),
    *("grader.submissions.tar_reader", "grader.submissions.zip_reader"),
)
TARGETS = {
    target.name: target
    for target in (
        Target(
            "decoder",
            "Frames that a session takes in",
            "decoder:listen",
            "decoder_seeds:streams",
            "frame_mutator:mutate_frames",
            WIRE,
            4096,
            500_000,
        ),
        Target(
            "session",
            "Answers to what a test asks",
            "decoder:converse",
            "decoder_seeds:conversations",
            "frame_mutator:mutate_conversation",
            WIRE,
            4096,
            100_000,
        ),
        Target(
            "archives",
            "Archives (.zip, .tar, .tar.gz)",
            "archives:read",
            "archive_seeds:seeds",
            "archive_mutator:mutate",
            INTAKE,
            16 * 1024,
            200_000,
        ),
    )
}
