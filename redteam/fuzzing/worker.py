"""One worker: a process in which libFuzzer makes inputs, runs a target on them, and watches its branches.

`python -m redteam.fuzzing.worker TARGET FOLDER INPUTS SEED`. What breaks is written to FOLDER/found
and does not stop the worker; only what ends or hangs a process does, and libFuzzer then writes the input.
"""

from __future__ import annotations

import gc
import hashlib
import resource
import sys
import time
import traceback
from pathlib import Path

import atheris

from redteam.fuzzing.oracle import Broken
from redteam.fuzzing.tally import Tally
from redteam.fuzzing.targets import TARGETS

MIB = 1024**2
MAX_INPUT_S = 1.0
MAX_GROWTH_BYTES = 256 * MIB
ADDRESS_SPACE_GROWTH_BYTES = 1024 * MIB  # beyond it, setting memory aside fails, touched or not
HANG_S = 60  # of wall time, as libFuzzer counts: a busy machine is no hang
COLLECT_EVERY = 2_000


class Worker:
    """Runs inputs of one target and keeps account of them in `folder`."""

    def __init__(self, name: str, folder: Path):
        self._target = TARGETS[name]
        self._tally = Tally(folder / "tally")
        self._found = folder / "found"
        self._found.mkdir(exist_ok=True)
        with atheris.instrument_imports(include=list(self._target.watched)):
            self._run = self._target.load_run()
            self._mutate = self._target.load_mutator()
            for path in (folder / "corpus").iterdir():  # all of it imported, all caches filled
                self._attempt(path.read_bytes())
        self._tally.touch()
        self._is_mutant = False
        self._base_bytes = _largest_resident_bytes()
        self._last_s = time.perf_counter()
        gc.collect()
        gc.freeze()
        sys.unraisablehook = self._unraisable
        self._unraised: list[str] = []

    def mutate(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Return a mutant: libFuzzer's custom mutator."""
        self._is_mutant = True
        return self._mutate(data, max_size, seed, atheris.Mutate)

    def run(self, data: bytes) -> None:
        """Run one input and count it, unless it is one that the corpus held already."""
        used_s = self._attempt(data)
        if not self._is_mutant:
            return
        self._is_mutant = False
        tally, now_s = self._tally, time.perf_counter()
        tally.count(data)
        tally.seconds += now_s - self._last_s
        self._last_s = now_s
        tally.slowest_s = max(tally.slowest_s, used_s)
        growth_bytes = _largest_resident_bytes() - self._base_bytes
        if growth_bytes > tally.memory_bytes:
            tally.memory_bytes = growth_bytes
        if growth_bytes > MAX_GROWTH_BYTES:
            self._keep(data, "memory", f"the process has grown by {growth_bytes // MIB} MiB")
            self._base_bytes += growth_bytes
        if tally.inputs % COLLECT_EVERY == 0:
            gc.collect()
        tally.save()

    def _attempt(self, data: bytes, is_second: bool = False) -> float:
        """Run one input; return the CPU time that it took, in seconds.

        One that is slow is run again: what is set up only once, or a crowded machine, is not its doing.
        """
        started_s = time.process_time()
        try:
            self._run(data)
        except Broken as broken:
            self._keep(data, str(broken), traceback.format_exc())
        except BaseException as error:
            self._keep(data, type(error).__name__, traceback.format_exc())
        used_s = time.process_time() - started_s
        if used_s > MAX_INPUT_S and not is_second:
            return self._attempt(data, is_second=True)
        if used_s > MAX_INPUT_S:
            self._keep(data, "slow", f"{used_s:.2f} s of CPU time")
        return used_s

    def _unraisable(self, what: object) -> None:
        error = what.exc_value  # type: ignore[attr-defined]
        print("UNRAISABLE", type(error).__name__, error, what.object, flush=True)  # type: ignore[attr-defined]

    def _keep(self, data: bytes, kind: str, text: str) -> None:
        """Write an input that broke something: one for each kind, the smallest."""
        name = hashlib.sha256(kind[:80].encode()).hexdigest()[:16]
        place = self._found / name
        if not place.exists() or place.stat().st_size > len(data):
            place.write_bytes(data)
            place.with_suffix(".txt").write_text(f"{kind}\n{text}")


def _largest_resident_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Run one worker as the command line says."""
    name, folder, inputs, seed = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    worker = Worker(name, folder)
    size_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit_bytes = size_bytes + ADDRESS_SPACE_GROWTH_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    options = [
        f"-runs={inputs}",
        f"-seed={seed}",
        f"-max_len={TARGETS[name].max_input_bytes}",
        "-len_control=0",
        f"-timeout={HANG_S}",
        f"-rss_limit_mb={_largest_resident_bytes() // MIB + 2 * MAX_GROWTH_BYTES // MIB}",
        f"-artifact_prefix={folder}/found/",
        f"-report_slow_units={HANG_S}",
        "-print_final_stats=1",
        "-verbosity=1",
        "-reload=0",
        str(folder / "corpus"),
    ]
    atheris.Setup([sys.argv[0], *options], worker.run, custom_mutator=worker.mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
