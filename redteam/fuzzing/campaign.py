"""A campaign: workers, one after the other, until a target has had as many inputs as it was asked for.

All it knows lies in its folder: the tally, the corpus, what was found, and what libFuzzer said of the
coverage. So it can be interrupted at any time, and goes on where it was.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from redteam.fuzzing.corpus import read_corpus
from redteam.fuzzing.tally import Tally
from redteam.fuzzing.targets import TARGETS

REACHED = re.compile(r"#\d+\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")


SMALLEST_WORKER = 20_000  # a worker reads the corpus first, which is not counted


class Campaign:
    """The campaign of one target, kept in `folder`."""

    def __init__(self, name: str, folder: Path):
        self.name, self.folder = name, folder / name
        self._corpus = self.folder / "corpus"
        if not self._corpus.is_dir():
            self._corpus.mkdir(parents=True)
            for seed, data in (TARGETS[name].load_seeds() | read_corpus(name)).items():
                (self._corpus / seed).write_bytes(data)

    @property
    def tally(self) -> Tally:
        """What has been counted so far."""
        return Tally(self.folder / "tally")

    @property
    def reached(self) -> dict[str, Any]:
        """What libFuzzer last said: `branches`, `features` and `corpus` (inputs that it kept)."""
        place = self.folder / "reached.json"
        return json.loads(place.read_text()) if place.exists() else {}

    @property
    def found(self) -> list[Path]:
        """The inputs that broke something, and have not been taken care of."""
        return sorted(path for path in (self.folder / "found").glob("*") if path.suffix != ".txt")

    def run(self, inputs: int) -> None:
        """Run workers until `inputs` have been run in all; prints a line for each worker."""
        while (done := self.tally.inputs) < inputs:
            size = min(TARGETS[self.name].inputs_per_worker, max(inputs - done, SMALLEST_WORKER))
            self._work(size, seed=done + 1)
            tally = self.tally
            print(self._line(tally), flush=True)
            if tally.inputs == done:
                raise SystemExit(f"the worker ran nothing: see {self.folder / 'worker.log'}")

    def _line(self, tally: Tally) -> str:
        return (
            f"{self.name}: {tally.inputs:,} inputs ({tally.distinct:,} distinct) in {tally.seconds:,.0f} s, "
            f"{tally.inputs / max(tally.seconds, 1e-9):,.0f} a second; slowest {tally.slowest_s:.3f} s, "
            f"memory {tally.memory_bytes / 1024**2:.0f} MiB; {self.reached.get('branches', 0)} branches; "
            f"{len(self.found)} found"
        )

    def _work(self, inputs: int, seed: int) -> None:
        command = [sys.executable, "-m", "redteam.fuzzing.worker", self.name, str(self.folder)]
        with (self.folder / "worker.log").open("w") as log:
            subprocess.run([*command, str(inputs), str(seed % 2**31)], stdout=log, stderr=log, check=False)
        lines = REACHED.findall((self.folder / "worker.log").read_text(errors="replace"))
        if lines:
            branches, features, corpus = map(int, lines[-1])
            text = json.dumps({"branches": branches, "features": features, "corpus": corpus})
            (self.folder / "reached.json").write_text(text)
