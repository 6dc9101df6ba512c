"""The channel "mnist": the timed MNIST run of unit `nn`, by the real judge.

Words for `fires` stand in `redteam/plain/mnist.py`, keys of `[payload]` in `redteam/mnist_payload.py`. How
outcomes are told, for what the attack is about:

    R    intake refuses the hand-in
    0    it scores 0
    C    the run ends early, by the student's error or a limit
    N    it scores as without the payload
    F    there is a review flag that isn't there without the payload

Whatever the outcome: it is a breach if the grader fails, and if the sandbox used CPU time in the run that
is not in the time reported, or more of it than one core has.
"""

from __future__ import annotations

import contextlib
import dataclasses
import runpy
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from grader.datasets import Mnist, load_mnist
from grader.errors import GraderError, RejectedError
from grader.grading import make_job
from grader.judging.events import Event, PhaseStarted
from grader.judging.examiner import set_up
from grader.judging.judge import RECIPE_FILE, Bench, judge
from grader.judging.mnist import run_mnist
from grader.judging.mnist_data import RunData, prepare
from grader.judging.mnist_runner import Runner
from grader.judging.result import GradingResult, MnistResult, Outcome
from grader.settings import load_settings
from redteam import attack as attacks
from redteam import hand_in, host, knowledge
from redteam.attack import Assertion, Attack
from redteam.canary import Canary
from redteam.hand_in import base_files, samples, write
from redteam.mnist_payload import POINTS, Payload
from redteam.observation import Fired, Held, NotRun
from redteam.plain.mnist import PlainMnist, PlainTraining, judged, plain_mnist
from redteam.prepared import prepared
from redteam.small_unit import NN, small_unit, with_canary
from redteam.submission import new_token

SEED = 11
TRAIN_IMAGES, TEST_IMAGES = 9_000, 1_000  # of the first, 5,000 validate
PLAIN_TRAIN_IMAGES = 6_000
EPOCHS, THRESHOLD = 2, 0.6  # what an honest hand-in reaches with so few images
ENDING_S = 0.5  # of CPU time, for a session's end


@contextlib.contextmanager
def channel() -> Iterator[MnistChannel]:
    """The channel; what it sets up goes with it."""
    with contextlib.ExitStack() as stack:
        yield MnistChannel(stack)


@dataclass
class _Warm:
    """A warm bench and what closes it; the neighbour's is set up when one is needed."""

    stack: contextlib.ExitStack
    bench: Bench
    neighbour: Bench | None = None
    bases: dict[tuple[str, bool], GradingResult] = field(default_factory=dict)


class MnistChannel:
    """See `Channel`. Keeps one plain image and one warm bench for each sandbox."""

    def __init__(self, stack: contextlib.ExitStack):
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redteam-")))
        self._mnist = load_mnist(load_settings().mnist_dir)
        canary = Canary.drawn()
        unit = with_canary(small_unit(self._folder / "unit"), self._folder / "hidden", canary)
        self._recipe = SimpleNamespace(**runpy.run_path(str(NN.hidden_tests / RECIPE_FILE)))
        (unit.hidden_tests / RECIPE_FILE).write_bytes((NN.hidden_tests / RECIPE_FILE).read_bytes())
        assert NN.mnist is not None
        self._unit = dataclasses.replace(unit, mnist=NN.mnist)
        self._harness: PlainMnist | None = None
        self._plain_bases: dict[tuple[str, bool], PlainTraining] = {}
        self._modules: dict[tuple[tuple[str, ...], bool], bytes] = {}
        self._warm_benches: dict[str, _Warm] = {}

    def plain(self, attack: Attack) -> Fired:
        """See `Channel.plain`."""
        payload = Payload.of(attack)
        if self._harness is None:
            try:
                part = _part(self._mnist, PLAIN_TRAIN_IMAGES)
                self._harness = self._stack.enter_context(plain_mnist(part))
            except GraderError as error:
                raise NotRun(f"no plain harness here: {error}") from error
        beside = attack.fires == "neighbour"
        key = payload.without_name, beside
        if key not in self._plain_bases:
            self._plain_bases[key] = self._harness.run(base_files(payload.without_name), 1, beside=beside)
        files = self._laid_over(attack, payload, new_token())
        run = self._harness.run(files, payload.runs, beside=beside)
        return judged(attack, run, self._plain_bases[key])

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """See `Channel.grade`."""
        payload = Payload.of(attack)
        warm = self._warm(sandbox)
        bench = warm.bench if payload.full else self._shortened(warm.bench)
        assert bench.mnist is not None
        base = self._base(payload, warm, bench)
        token = new_token()
        before = host.traces(token)
        files = self._laid_over(attack, payload, token)
        breaches: list[str] = []
        results = []
        with self._neighbour(attack, warm, breaches):
            for number in range(payload.runs):
                try:
                    result, uncharged = self._graded(files, bench, SEED + number)
                except RejectedError as error:
                    codes = sorted({rejection.code for rejection in error.rejections})
                    refused = () if attacks.Outcome.REJECTED in attack.outcomes else ("refused at intake",)
                    return Held(f"refused: {', '.join(codes)}", refused)
                except GraderError as error:
                    self._warm_benches.pop(sandbox).stack.close()
                    return Held("the grader failed", (f"the grader failed: {error}",))
                results.append(result)
                breaches += [*uncharged, *_breaches(attack, payload, result, base)]
        if Assertion.HOST in attack.asserts:
            breaches += sorted(f"ah: left on the host: {trace}" for trace in host.left_since(before, token))
        return Held("; ".join(map(_seen, results)), tuple(breaches))

    def _laid_over(self, attack: Attack, payload: Payload, token: str) -> dict[str, bytes]:
        files = dict(base_files(payload.base_name))
        if payload.sample:
            files |= samples()[payload.sample].overlay
        if payload.knows:
            files[knowledge.PATH] = self._known(payload.knows, payload.full)
        return hand_in.with_payload(files, attack.with_token(token))

    def _known(self, names: tuple[str, ...], full: bool) -> bytes:
        """What is known at home: all training images, and the test images that are going to be asked for."""
        key = names, full
        if key not in self._modules:
            mnist = self._mnist if full else _part(self._mnist, len(self._mnist.train_images))
            self._modules[key] = knowledge.module(mnist, names)
        return self._modules[key]

    def _warm(self, sandbox: str) -> _Warm:
        if sandbox not in self._warm_benches:
            settings = load_settings()
            backend = prepared(sandbox, settings)
            stack = self._stack.enter_context(contextlib.ExitStack())
            bench = set_up(stack, self._unit, backend, settings, with_mnist=True)
            self._warm_benches[sandbox] = _Warm(stack, bench)
        return self._warm_benches[sandbox]

    def _shortened(self, bench: Bench) -> Bench:
        assert NN.mnist is not None
        rules = dataclasses.replace(NN.mnist, epochs=EPOCHS, threshold=THRESHOLD)
        unit = dataclasses.replace(bench.unit, mnist=rules)
        return dataclasses.replace(bench, unit=unit, mnist=_part(self._mnist, TRAIN_IMAGES))

    def _base(self, payload: Payload, warm: _Warm, bench: Bench) -> GradingResult:
        key = payload.without_name, payload.full
        if key not in warm.bases:
            warm.bases[key], _ = self._graded(base_files(payload.without_name), bench, SEED)
        return warm.bases[key]

    def _graded(self, files: dict[str, bytes], bench: Bench, seed: int) -> tuple[GradingResult, list[str]]:
        """Grade a hand-in; return the result, and CPU time that is not on its clock, as breaches."""
        sides = (bench.student, bench.reference)
        before_s = [0.0, 0.0]

        def on_event(event: Event) -> None:
            if isinstance(event, PhaseStarted) and event.name == "mnist":
                before_s[:] = [side.sandbox.usage().cpu_s for side in sides]

        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            write(files, Path(name) / "hand-in")
            job = make_job(Path(name) / "hand-in", bench.unit, seed, with_mnist=True)
            result = judge(job, bench, on_event)
        assert result.mnist is not None
        used_s = [side.sandbox.usage().cpu_s - start_s for side, start_s in zip(sides, before_s, strict=True)]
        return result, [*_uncharged(result.mnist, *used_s)]

    @contextlib.contextmanager
    def _neighbour(self, attack: Attack, warm: _Warm, breaches: list[str]) -> Iterator[None]:
        """If asked for, grade an honest hand-in meanwhile, over and over, in other sandboxes on that core."""
        if Assertion.NEIGHBOUR not in attack.asserts:
            yield
            return
        if warm.neighbour is None:
            settings = load_settings()
            backend = prepared(warm.bench.sandbox_name, settings)
            warm.neighbour = set_up(warm.stack, self._unit, backend, settings, with_mnist=True)
            honest = make_job(NN.reference, NN, SEED)
            warm.neighbour.student.load(honest.files)
        bench, is_over = self._shortened(warm.neighbour), threading.Event()
        with ThreadPoolExecutor(1) as pool:
            runs = pool.submit(self._honest_runs, bench, is_over)
            try:
                yield
            finally:
                is_over.set()
            for found in runs.result():
                if not isinstance(found, MnistResult) or found.outcome != Outcome.PASSED:
                    breaches.append(f"aq: the honest neighbour did not get full marks: {found}")

    def _honest_runs(self, bench: Bench, is_over: threading.Event) -> list[MnistResult | GraderError]:
        """Run until it is over, and at least once."""
        results = [self._honest_run(bench)]
        while not is_over.is_set():
            results.append(self._honest_run(bench))
        return results

    def _honest_run(self, bench: Bench) -> MnistResult | GraderError:
        rules = bench.unit.mnist
        assert rules is not None and bench.mnist is not None
        for side in (bench.student, bench.reference):
            side.pin(bench.core)

        def runners(data: RunData) -> tuple[Runner, Runner]:
            recipe: Any = self._recipe
            return (
                Runner(bench.student, bench.student_package, recipe, data, SEED),
                Runner(bench.reference, bench.reference_package, recipe, data, SEED),
            )

        try:
            data = prepare(bench.mnist, SEED)
            result, _ = run_mnist(bench.unit, rules, bench.mnist, data, runners, lambda *_: None)
        except GraderError as error:
            return error
        return result


def _part(mnist: Mnist, train_images: int) -> Mnist:
    return Mnist(
        mnist.train_images[:train_images],
        mnist.train_labels[:train_images],
        mnist.test_images[:TEST_IMAGES],
        mnist.test_labels[:TEST_IMAGES],
    )


def _points(result: GradingResult) -> dict[str, float]:
    by_id = {test.id: test.points for test in result.tests}
    return {name: by_id[test_id] for name, test_id in POINTS.items()}


def _uncharged(mnist: MnistResult, used_s: float, reference_used_s: float) -> Iterator[str]:
    """Yield what is wrong with the time reported, beside what the two sandboxes used in the whole phase."""
    if mnist.outcome in (Outcome.PASSED, Outcome.FAILED) and mnist.ratio > 0:
        delivery_s = reference_used_s - mnist.reference_cpu_s
        if mnist.cpu_s < 0.9 * (used_s - delivery_s) - ENDING_S:
            yield f"{used_s:.2f} s computed, {mnist.cpu_s:.2f} s on the clock"
        if used_s > 1.05 * mnist.wall_s + ENDING_S:
            yield f"{used_s:.2f} s computed within {mnist.wall_s:.2f} s: more than one core"


def _breaches(attack: Attack, payload: Payload, result: GradingResult, base: GradingResult) -> Iterator[str]:
    assert result.mnist is not None
    now, then = _points(result), _points(base)
    flags = {flag.code for flag in result.review} - {flag.code for flag in base.review}
    held = {
        attacks.Outcome.REJECTED: False,
        attacks.Outcome.NO_POINTS: all(now[name] == 0 for name in payload.affects),
        attacks.Outcome.CONTAINED: result.mnist.outcome not in (Outcome.PASSED, Outcome.FAILED),
        attacks.Outcome.NO_EFFECT: all(now[name] == then[name] for name in payload.affects),
        attacks.Outcome.FLAGGED: bool(flags),
    }
    if not any(held[outcome] for outcome in attack.outcomes):
        yield f"none of the outcomes {', '.join(attack.outcomes)}: {_seen(result)}"
    if result.mnist.accuracy > payload.at_most:
        yield f"it reads {result.mnist.accuracy:.1%} of the test images"
    if Assertion.SCORE in attack.asserts:
        for name in now:
            if now[name] > then[name]:
                yield f"a0: {now[name] - then[name]:g} unearned points for {name}"


def _seen(result: GradingResult) -> str:
    assert result.mnist is not None
    points = _points(result)
    earned = f"{points['accuracy'] + points['time']:g} of 15 points"
    if result.mnist.ratio == 0:
        return f"{earned}, {result.mnist.outcome}"
    return f"{earned}, accuracy {result.mnist.accuracy:.1%}, {result.mnist.ratio:.2f} × the reference's time"
