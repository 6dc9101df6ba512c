"""What an attack hands in: its payload laid over a base.

Keys of `[payload]` in the channel submission:

    base = "template"        what the payload is laid over: "template" (unsolved), "reference" (solved),
                             "zeros" (solved, but Tanh and Sigmoid return zeros) or a sample ("wrong/…")
    without = "zeros"        what the score is compared with (a0); default: the base. For a payload that
                             brings honest work along: what that work alone is worth
    sample = "hostile/…"     the files of this sample are the payload; its base is "reference" by default
    removes = ["…"]          files of the base that the hand-in lacks
    affects = ["sgd"]        groups or tests that the attack is about; default: those that `without` fails, or
                             all. Where it is given, all others must keep their points (fires: "spoilt")
    seconds = 2.0            limits of each test in the grader, for attacks that take time
    wall_s = 8.0             how much longer than for an honest run the plain harness waits, for attacks that
                             never end; 20.0 by default
    reads = "report"         whom the plain harness believes: "report" (JSON; without one the exit code),
                             "junit", "exit" (the exit code) or "stdout" (the last line with "passed")
    honest = "beside"        when the honest run in the same plain container happens: "beside" or "after"
    privileged = true        the plain container has the rights of --privileged, the engine's socket and the
                             host's control groups, as courses do that want a debugger or containers in it;
                             default: the engine's usual settings
    flags = ["off-limits"]   codes of the review flags that outcome F asks for; default: any

A file of the payload replaces the base's of the same path; a file below `appended/` is appended to it
instead: `appended/g2c/nn/modules.py`. In files `@TOKEN@` becomes a word drawn for the run and `@LISTENER@`
the address (`host:port`, TCP and UDP) of a listener of ours, which is in reach of the plain harness only.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.judging.samples import Sample, load_samples
from grader.settings import CHECKOUT
from redteam.attack import Attack
from redteam.laid_over import LaidOver
from redteam.small_unit import NN, POINTS

APPENDED = "appended/"
WALL_S, MAX_WALL_S = 20.0, 60.0
ZEROS = b"""

class _Zeros(Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 0


Tanh = Sigmoid = _Zeros
"""


@dataclass(frozen=True)
class Payload(LaidOver):
    """The keys of `[payload]`, checked."""

    removes: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    seconds: float | None = None
    wall_s: float = WALL_S
    reads: Literal["report", "junit", "exit", "stdout"] = "report"
    honest: Literal["beside", "after"] = "after"
    privileged: bool = False
    flags: tuple[str, ...] = ()

    def check(self) -> None:
        """See `LaidOver.check`."""
        choices = (
            self.reads in ("report", "junit", "exit", "stdout"),
            self.honest in ("beside", "after"),
            0 < self.wall_s <= MAX_WALL_S,
        )
        if not all(choices):
            raise ValueError("reads, honest or wall_s is out of range")
        unknown = {name for name in self.affects if name not in POINTS and not name.startswith("test_")}
        if unknown:
            raise ValueError(f"affects neither a group nor a test: {sorted(unknown)}")
        for name in (self.base, self.without, self.sample):
            if name not in ("", "template", "reference", "zeros") and name not in samples():
                raise ValueError(f"there is no base or sample {name}")


@functools.cache
def samples() -> dict[str, Sample]:
    """The sample submissions of unit nn by name."""
    return {sample.name: sample for sample in load_samples(CHECKOUT / "tests" / "submissions" / "nn")}


@functools.cache
def base_files(name: str) -> dict[str, bytes]:
    """Return the files of a base, path → content."""
    if name == "template":
        return _tree(CHECKOUT / "student_template" / "nn")
    files = _tree(NN.reference)
    if name == "reference":
        return files
    if name == "zeros":
        return files | {"g2c/nn/modules.py": files["g2c/nn/modules.py"] + ZEROS}
    return samples()[name].files(NN.reference)


def laid_over(attack: Attack, token: str, listener: str) -> dict[str, bytes]:
    """Return the whole hand-in, path → content."""
    payload = Payload.of(attack)
    files = {
        path: text for path, text in base_files(payload.base_name).items() if path not in payload.removes
    }
    if payload.sample:
        files |= samples()[payload.sample].overlay
    overlay = attack.with_token(token)
    return with_payload(
        files, {path: text.replace(b"@LISTENER@", listener.encode()) for path, text in overlay.items()}
    )


def with_payload(files: dict[str, bytes], overlay: dict[str, bytes]) -> dict[str, bytes]:
    """Return files with a payload laid over them: replaced, or appended to where it says so."""
    files = dict(files)
    for path, content in overlay.items():
        if path.startswith(APPENDED):
            path = path.removeprefix(APPENDED)
            content = files.get(path, b"") + b"\n\n" + content
        files[path] = content
    return files


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write a hand-in into a folder, which is created."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
