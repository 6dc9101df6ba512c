"""The channel "submission": a hand-in of the unit `nn`, graded by the real judge in a warm sandbox.

The words for `fires` stand in `redteam/plain/fired.py`, the keys of `[payload]` in `redteam/hand_in.py`.

How outcomes are told, for the tests that the attack is about:

    R    intake refuses the hand-in
    0    all of them score 0
    C    the run ends as a graded one, and at least one of them ended in the student's error
    N    they score as without the payload
    F    there is a review flag (`flags`) that isn't there without the payload

Whatever the outcome: it is a breach if the grader itself fails, or if the sandbox isn't idle afterwards.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader.errors import GraderError, RejectedError
from grader.judging.examiner import set_up
from grader.judging.judge import Bench, judge
from grader.judging.result import GradingResult, Outcome, TestResult
from grader.report.html import render_html
from grader.report.json_schema import to_strict_json
from grader.report.junit import render_junit
from grader.report.terminal import TerminalReport
from grader.settings import load_settings
from redteam import attack as attacks
from redteam import host, wire
from redteam.attack import Assertion, Attack
from redteam.canary import WORD_LENGTH, Canary
from redteam.hand_in import Payload, base_files, laid_over, write
from redteam.listener import Listener
from redteam.neighbour import Neighbour, neighbour
from redteam.observation import Fired, Held, NotRun
from redteam.plain.fired import judged
from redteam.plain.submission import PlainHarness, PlainRun, plain_harness
from redteam.prepared import prepared
from redteam.small_unit import job_for, small_unit, with_canary

STYLES = re.compile(r"<style>.*?</style>", re.DOTALL)  # the same in every report
PATIENCE_S = 120.0  # for an honest run on a plain harness, however crowded the machine is
NOBODY = "127.0.0.1"  # where our listener is if there is no bridge


@contextlib.contextmanager
def channel() -> Iterator[SubmissionChannel]:
    """The channel; what it sets up goes with it."""
    with contextlib.ExitStack() as stack:
        yield SubmissionChannel(stack)


@dataclass(frozen=True)
class _Warm:
    """A warm bench, what closes it, and how many processes its sandbox has after an honest hand-in."""

    stack: contextlib.ExitStack
    bench: Bench
    idle_processes: int


class SubmissionChannel:
    """See `Channel`. Keeps one plain image and one warm bench for each sandbox."""

    def __init__(self, stack: contextlib.ExitStack):
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redteam-")))
        self._unit = small_unit(self._folder / "unit")
        self._harness: PlainHarness | None = None
        self._plain_bases: dict[tuple[str, str], PlainRun] = {}
        self._benches: dict[str, _Warm] = {}
        self._neighbours: dict[str, Neighbour] = {}
        self._bases: dict[tuple[str, str, float | None], GradingResult] = {}

    def plain(self, attack: Attack) -> Fired:
        """See `Channel.plain`."""
        payload = Payload.of(attack)
        harness = self._plain_harness()
        honest = payload.honest if attack.fires == "neighbour" else ""
        key = payload.without_name, honest
        if key not in self._plain_bases:
            with Listener(harness.gateway) as listener:
                files = base_files(payload.without_name)
                self._plain_bases[key] = harness.run(files, new_token(), listener, PATIENCE_S, honest)
        base, token = self._plain_bases[key], new_token()
        with Listener(harness.gateway) as listener:
            files = laid_over(attack, token, listener.address)
            patience_s = payload.wall_s + base.wall_s * (3 if honest == "beside" else 2)
            run = harness.run(files, token, listener, min(patience_s, PATIENCE_S), honest, payload.privileged)
        return judged(attack, run, base)

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """See `Channel.grade`."""
        payload = Payload.of(attack)
        warm = self._warm(sandbox)
        bench = _impatient(warm.bench, payload.seconds)
        base = self._base(payload, sandbox, bench)
        token, canary = new_token(), Canary.drawn()
        before = host.traces(token)
        beside = self._beside(attack, sandbox)
        with Listener(self._listener_host()) as listener, wire.recorded() as crossed:
            try:
                submission = laid_over(attack, token, listener.address)
                with beside as harm:
                    result, files = self._graded(submission, bench, canary)
            except RejectedError as error:
                codes = sorted({rejection.code for rejection in error.rejections})
                refused = () if attacks.Outcome.REJECTED in attack.outcomes else ("refused at intake",)
                return Held(f"refused: {', '.join(codes)}", refused)
            except GraderError as error:
                self._forget(sandbox)
                return Held("the grader failed", (f"the grader failed: {type(error).__name__}: {error}",))
            contacts = listener.contacts()
        breaches = [*_outcome_breaches(attack, payload, result, base)]
        if Assertion.SCORE in attack.asserts:
            breaches += _unearned(result, base)
        if Assertion.CANARY in attack.asserts:
            breaches += _leaks(canary, crossed, files, result)
        if Assertion.HOST in attack.asserts:
            breaches += sorted(f"ah: left on the host: {trace}" for trace in host.left_since(before, token))
        breaches += [f"aq: {text}" for text in harm]
        if contacts:
            breaches.append(f"ak: the listener was reached {contacts} times")
        breaches += sorted(host.unrest(bench.student.sandbox, {*files}, warm.idle_processes))
        return Held(f"score {result.score:g} of 100, {_ways(result)}", tuple(breaches))

    def _plain_harness(self) -> PlainHarness:
        if self._harness is None:
            try:
                self._harness = self._stack.enter_context(plain_harness())
            except GraderError as error:
                raise NotRun(f"no plain harness here: {error}") from error
        return self._harness

    def _listener_host(self) -> str:
        try:
            return self._plain_harness().gateway
        except NotRun:
            return NOBODY

    def _warm(self, sandbox: str) -> _Warm:
        if sandbox not in self._benches:
            settings = load_settings()
            backend = prepared(sandbox, settings)
            stack = self._stack.enter_context(contextlib.ExitStack())
            bench = set_up(stack, self._unit, backend, settings, with_mnist=False)
            idle_processes = host.process_count(bench.student.sandbox) + 1  # the zygote of the last hand-in
            self._benches[sandbox] = _Warm(stack, bench, idle_processes)
        return self._benches[sandbox]

    def _beside(self, attack: Attack, sandbox: str) -> contextlib.AbstractContextManager[list[str]]:
        """An honest neighbour at work, if the attack asks for one; it yields what harm is done to it."""
        if Assertion.NEIGHBOUR not in attack.asserts:
            return contextlib.nullcontext([])
        if sandbox not in self._neighbours:
            self._neighbours[sandbox] = self._stack.enter_context(neighbour(sandbox))
        return self._neighbours[sandbox].beside()

    def _forget(self, sandbox: str) -> None:
        """Throw a bench away that may be broken."""
        self._benches.pop(sandbox).stack.close()

    def _base(self, payload: Payload, sandbox: str, bench: Bench) -> GradingResult:
        key = payload.without_name, sandbox, payload.seconds
        if key not in self._bases:
            self._bases[key], _ = self._graded(base_files(payload.without_name), bench, Canary.drawn())
        return self._bases[key]

    def _graded(
        self, files: dict[str, bytes], bench: Bench, canary: Canary
    ) -> tuple[GradingResult, Mapping[str, bytes]]:
        """Grade a hand-in; return the result and what intake let through."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            write(files, Path(name) / "hand-in")
            unit = with_canary(bench.unit, Path(name) / "hidden", canary)
            job = job_for(Path(name) / "hand-in")
            result = judge(job, dataclasses.replace(bench, unit=unit), lambda _: None)
        return result, job.files


def new_token() -> str:
    """Return a word that stands nowhere else."""
    return f"rt{secrets.token_hex(8)}"


def _impatient(bench: Bench, seconds: float | None) -> Bench:
    """The bench with other limits for each test."""
    if seconds is None:
        return bench
    limits = dataclasses.replace(bench.unit.limits, test_cpu_s=seconds, test_wall_s=seconds)
    return dataclasses.replace(bench, unit=dataclasses.replace(bench.unit, limits=limits))


@dataclass(frozen=True)
class _About:
    """The tests that an attack is about, and all others, each beside the same without the payload."""

    affected: list[tuple[TestResult, TestResult]]
    others: list[tuple[TestResult, TestResult]]


def _about(payload: Payload, result: GradingResult, base: GradingResult) -> _About:
    pairs = list(zip(result.tests, base.tests, strict=True))
    wanted = {*payload.affects}
    if not wanted:
        wanted = {_name(test) for test in base.tests if test.outcome != Outcome.PASSED}
        wanted = wanted or {_name(test) for test in base.tests}
    affected = [pair for pair in pairs if wanted & {_name(pair[0]), pair[0].group}]
    return _About(affected, [pair for pair in pairs if pair not in affected])


def _outcome_breaches(
    attack: Attack, payload: Payload, result: GradingResult, base: GradingResult
) -> Iterator[str]:
    about = _about(payload, result, base)
    flags = {flag.code for flag in result.review} - {flag.code for flag in base.review}
    held = {
        attacks.Outcome.REJECTED: False,
        attacks.Outcome.NO_POINTS: all(now.points == 0 for now, _ in about.affected),
        attacks.Outcome.CONTAINED: any(now.outcome != Outcome.PASSED for now, _ in about.affected),
        attacks.Outcome.NO_EFFECT: all(now.points == then.points for now, then in about.affected),
        attacks.Outcome.FLAGGED: bool(flags & {*payload.flags} if payload.flags else flags),
    }
    if not any(held[outcome] for outcome in attack.outcomes):
        ways = ", ".join(f"{_name(now)} {now.outcome}" for now, _ in about.affected)
        yield f"none of the outcomes {', '.join(attack.outcomes)}: {ways}"
    if payload.affects:
        for now, then in about.others:
            if now.points < then.points:
                yield f"{_name(now)} lost its points: {now.outcome}: {now.message[:120]}"


def _unearned(result: GradingResult, base: GradingResult) -> Iterator[str]:
    for now, then in zip(result.tests, base.tests, strict=True):
        if now.points > then.points:
            yield f"a0: {now.points - then.points:g} unearned points for {_name(now)}"


def _leaks(
    canary: Canary, crossed: wire.Crossed, files: Mapping[str, bytes], result: GradingResult
) -> Iterator[str]:
    """Look for the canary in all that crossed but the hand-in itself, and in every form of the result."""
    entered = bytes(crossed.into)
    for content in files.values():
        if len(content) > WORD_LENGTH:  # what is shorter could stand in the canary
            entered = entered.replace(content, b"")
    terminal = io.StringIO()
    TerminalReport(Console(file=terminal, width=120)).print_report(result)
    seen = {
        "what left the sandbox": bytes(crossed.out),
        "what entered the sandbox": entered,
        "JSON": to_strict_json(result).encode(),
        "JUnit": render_junit(result).encode(),
        "HTML": STYLES.sub("", render_html(result, "unit")).encode(),
        "the terminal": terminal.getvalue().encode(),
    }
    for place, data in seen.items():
        forms = canary.found_in(data)
        if forms:
            yield f"ak: the canary is in {place}: {', '.join(forms[:3])}"


def _name(test: TestResult) -> str:
    return test.id.rpartition("::")[2]


def _ways(result: GradingResult) -> str:
    """How the tests ended, in a few words."""
    outcomes = [str(test.outcome) for test in result.tests]
    return ", ".join(f"{outcomes.count(way)} {way}" for way in sorted({*outcomes}))
