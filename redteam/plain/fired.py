"""What it means that an attack fired on the plain harness, by the word in its `fires`.

points       more tests pass than without the payload, as the harness that `reads` says counts them
canary       the canary appears in the output, in a report or at the listener, decoded, where it doesn't
             without the payload
marker       the word @TOKEN@ got into the output, a report, a file outside of the hand-in, or to the listener
listener     it reached the listener
unfinished   the harness was killed, hung or crashed: there is no report
spoilt       tests outside `affects` fail that pass without the payload
left-behind  after the run a process or a file is still there that isn't without the payload
neighbour    the honest run in the same container fails, which succeeds without the payload
exhausted    it used more memory, processes, disk, files or output than a sandbox may
"""

from __future__ import annotations

from collections.abc import Callable

from grader.sandbox.interface import Limits
from redteam.attack import Attack, AttackError
from redteam.hand_in import Payload
from redteam.observation import Fired
from redteam.plain.container import MEMORY_BYTES
from redteam.plain.submission import TESTS, PlainRun
from redteam.small_unit import GROUPS

MIB = 1024**2
OUTPUT_BYTES, FILES = MIB, 16384  # a sandbox's allowance


def judged(attack: Attack, run: PlainRun, base: PlainRun) -> Fired:
    """Say whether a run achieved what the attack is after, beside the same hand-in without the payload."""
    if attack.fires not in WORDS:
        raise AttackError(f"attack {attack.name}: fires must be one of {', '.join(WORDS)}")
    return WORDS[attack.fires](run, base, Payload.of(attack))


def _points(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    got, without = run.passed[payload.reads], base.passed[payload.reads]
    return Fired(got > without, f"{got} of {TESTS} tests passed; without it {without}")


def _canary(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    new = sorted(run.leaks() - base.leaks())
    forms = "; ".join(f"{place}: {form}" for place, form in new[:3])
    return Fired(bool(new), f"canary out ({forms})" if new else "no canary found")


def _marker(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    return Fired(bool(run.marked), f"its mark in {', '.join(run.marked)}" if run.marked else "no mark found")


def _listener(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    return Fired(run.contacts > 0, f"listener reached {run.contacts} times, {len(run.heard)} bytes")


def _unfinished(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    return Fired(not run.finished, "no report" if not run.finished else "finished as usual")


def _spoilt(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    others = {name for name in base.passing if not {name, GROUPS.get(name)} & {*payload.affects}}
    spoilt = others - run.passing
    return Fired(bool(spoilt), f"{len(spoilt)} of {len(others)} honest tests spoilt")


def _left_behind(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    new = [thing for thing in run.left if thing and thing not in base.left]
    return Fired(bool(new), f"left behind: {', '.join(new[:2])[:80]}" if new else "nothing left behind")


def _neighbour(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    passed, without = run.honest_passed or 0, base.honest_passed or 0
    text = f"honest neighbour: {passed} of {TESTS} tests passed; without it {without}"
    return Fired(passed < without, text)


def _exhausted(run: PlainRun, base: PlainRun, payload: Payload) -> Fired:
    peaks, allowed = run.peaks, Limits()
    beyond = {
        f"{peaks.memory_bytes // MIB} MiB of memory": peaks.oom_kills
        or peaks.memory_bytes > 0.98 * MEMORY_BYTES,
        f"{peaks.pids} processes": peaks.pids_refused or peaks.pids > allowed.pids,
        f"{peaks.file_bytes // MIB} MiB of files": peaks.file_bytes > allowed.submission_bytes,
        f"{peaks.files} files": peaks.files > FILES,
        f"{len(run.output) // MIB} MiB of output": len(run.output) > OUTPUT_BYTES,
    }
    seen = [text for text, is_beyond in beyond.items() if is_beyond]
    return Fired(bool(seen), ", ".join(seen) or "within a sandbox's allowance")


WORDS: dict[str, Callable[[PlainRun, PlainRun, Payload], Fired]] = {
    "points": _points,
    "canary": _canary,
    "marker": _marker,
    "listener": _listener,
    "unfinished": _unfinished,
    "spoilt": _spoilt,
    "left-behind": _left_behind,
    "neighbour": _neighbour,
    "exhausted": _exhausted,
}
