"""The plain harness for the timed MNIST run: one script, one process, the real test images and labels in it.

The words for `fires`:

accuracy    it reaches 95 %, and without the payload it does not
clock       the clock says at most half of the reference's time, which is not what it computed; it has learned
processors  it had many more threads or processes than the reference
neighbour   an honest run beside it takes half as long again as beside another honest one, by its clock
luck        of several runs the best is better than the worst by 2 % of the test images or more
unfinished  there is no result
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import torch

from bench.baseline.image import plain_image
from grader.datasets import Mnist
from grader.sandbox import docker_host
from grader.settings import load_settings
from redteam.attack import Attack, AttackError
from redteam.hand_in import base_files, write
from redteam.knowledge import MEAN, SD
from redteam.observation import Fired
from redteam.plain.container import Command, PlainContainer

SCRIPT = Path(__file__).with_name("train_mnist.py")
EPOCHS = 2
NEIGHBOUR_EPOCHS = 10  # it is still at it when the attack begins, whichever of the two loads faster
WALL_S = 80.0  # a crowded machine; alone it takes a few seconds
ENOUGH = 0.95
MORE_PROCESSES = 6
LUCK = 0.02
AS_WELL = 0.9  # of the reference's accuracy
LESS = 0.6  # of the CPU time of reference and interpreter, which varies with the state of caches


@dataclass(frozen=True)
class PlainTraining:
    """What the harness believes of one hand-in, run after run, and what it really used."""

    accuracies: tuple[float, ...]
    seconds: float
    cpu_s: float
    processes: int
    neighbour_seconds: float = 0.0  # for as many epochs

    @property
    def accuracy(self) -> float | None:
        """Of the last run; None if it left no result."""
        return self.accuracies[-1] if self.accuracies else None


class PlainMnist:
    """Trains hand-ins the plain way; make it with `plain_mnist`."""

    def __init__(self, client: docker.DockerClient, image: str, folder: Path):
        self._client = client
        self._image = image
        self._folder = folder

    def run(self, files: dict[str, bytes], runs: int, *, beside: bool = False) -> PlainTraining:
        """Train a hand-in `runs` times in one container, with an honest one beside it if asked for."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            Path(name).chmod(0o755)
            write(files, Path(name) / "handin")
            write(base_files("reference"), Path(name) / "honest")
            mounts = {"/handin": Path(name) / "handin", "/honest": Path(name) / "honest"}
            mounts["/autograder"] = self._folder / "autograder"
            environment = {"OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"}
            with PlainContainer(self._client, self._image, mounts, environment) as container:
                return _trained(container, runs, beside)


@contextlib.contextmanager
def plain_mnist(mnist: Mnist) -> Iterator[PlainMnist]:
    """A harness with these images; SandboxUnavailable without an engine."""
    client = docker_host.connect()
    try:
        with tempfile.TemporaryDirectory(prefix="redteam-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            (folder / "autograder").mkdir()
            (folder / "autograder" / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
            torch.save(_as_in_tutorials(mnist), folder / "autograder" / "mnist.pt")
            yield PlainMnist(client, plain_image(client, load_settings()), folder)
    finally:
        client.close()


def judged(attack: Attack, run: PlainTraining, base: PlainTraining) -> Fired:
    """Say whether a run achieved what the attack is after; `base` is the same without the payload."""
    if attack.fires not in WORDS:
        raise AttackError(f"attack {attack.name}: fires must be one of {', '.join(WORDS)}")
    return WORDS[attack.fires](run, base)


def _trained(container: PlainContainer, runs: int, beside: bool) -> PlainTraining:
    accuracies, seconds, neighbour_seconds = [], 0.0, 0.0
    for number in range(runs):
        with contextlib.ExitStack() as stack:
            commands = [_script(container, "/handin", EPOCHS, f"/tmp/result-{number}.json", stack)]
            if beside:
                commands.append(_script(container, "/honest", NEIGHBOUR_EPOCHS, "/tmp/honest.json", stack))
            container.wait(commands, WALL_S)
            cpu_s = container.cpu_s()
        result = _result(container, f"/tmp/result-{number}.json")
        if result is not None:
            accuracies.append(result["accuracy"])
            seconds = result["seconds"]
    if beside:
        honest = _result(container, "/tmp/honest.json")
        neighbour_seconds = WALL_S if honest is None else honest["seconds"] * EPOCHS / NEIGHBOUR_EPOCHS
    return PlainTraining(tuple(accuracies), seconds, cpu_s, container.peaks.pids, neighbour_seconds)


def _script(
    container: PlainContainer, folder: str, epochs: int, result: str, stack: contextlib.ExitStack
) -> Command:
    script = f"/autograder/{SCRIPT.name}"
    command = container.start("python3", script, folder, "/autograder/mnist.pt", str(epochs), result)
    stack.callback(command.close)
    return command


def _result(container: PlainContainer, path: str) -> dict[str, float] | None:
    try:
        found = json.loads(container.run("cat", path))
        return {name: float(found[name]) for name in ("accuracy", "seconds")}
    except (ValueError, KeyError, TypeError):
        return None


def _as_in_tutorials(mnist: Mnist) -> dict[str, torch.Tensor]:
    def images(pixels: torch.Tensor) -> torch.Tensor:
        return ((pixels.float() / 255 - MEAN) / SD).unsqueeze(1)

    return {
        "train_images": images(mnist.train_images),
        "train_labels": mnist.train_labels.long(),
        "test_images": images(mnist.test_images),
        "test_labels": mnist.test_labels.long(),
    }


def _share(accuracy: float | None) -> str:
    return "no result" if accuracy is None else f"{accuracy:.1%}"


def _accuracy(run: PlainTraining, base: PlainTraining) -> Fired:
    fired = (run.accuracy or 0) >= ENOUGH > (base.accuracy or 0)
    return Fired(fired, f"accuracy {_share(run.accuracy)}; without it {_share(base.accuracy)}")


def _clock(run: PlainTraining, base: PlainTraining) -> Fired:
    has_learned = run.accuracy is not None and run.accuracy >= AS_WELL * (base.accuracy or 1)
    fired = has_learned and run.seconds <= base.seconds / 2 and run.cpu_s >= LESS * base.cpu_s
    text = f"{run.seconds:.1f} s by its clock, {run.cpu_s:.1f} s computed; the reference {base.seconds:.1f} s"
    return Fired(fired, text if has_learned else f"accuracy {_share(run.accuracy)}: it has not learned")


def _processors(run: PlainTraining, base: PlainTraining) -> Fired:
    fired = run.processes >= base.processes + MORE_PROCESSES
    return Fired(fired, f"{run.processes} threads and processes; the reference {base.processes}")


def _neighbour(run: PlainTraining, base: PlainTraining) -> Fired:
    took_s, without_s = run.neighbour_seconds, base.neighbour_seconds
    text = f"the neighbour took {took_s:.1f} s; beside honest work {without_s:.1f} s"
    return Fired(took_s >= 1.5 * without_s > 0, text)


def _luck(run: PlainTraining, base: PlainTraining) -> Fired:
    if len(run.accuracies) < 2:
        return Fired(False, "no result")
    best, worst = max(run.accuracies), min(run.accuracies)
    return Fired(best - worst >= LUCK, f"from {worst:.1%} to {best:.1%} in {len(run.accuracies)} runs")


def _unfinished(run: PlainTraining, base: PlainTraining) -> Fired:
    return Fired(run.accuracy is None, "no result" if run.accuracy is None else "finished as usual")


WORDS: dict[str, Callable[[PlainTraining, PlainTraining], Fired]] = {
    "accuracy": _accuracy,
    "clock": _clock,
    "processors": _processors,
    "neighbour": _neighbour,
    "luck": _luck,
    "unfinished": _unfinished,
}
