"""What staff should look at in how a run went: odd times, odd accuracies, and what the sandbox refused. Pure.

None of it costs points, and none of it proves anything. The limits are far from what correct code of any
style and ordinary habits do, because a flag that is often wrong is soon not read. Printing, running out of
memory or time, and plain crashes are beginners' days, and are no flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from grader.judging.result import MnistResult, Outcome, ReviewFlag, TestResult
from grader.report import numbers, words

# The same batches through the same network in fewer than a quarter of the reference's time: its two matrix
# products alone take more. Correct samples of 24 styles took 0.93 to 1.08.
LEAST_RATIO = 0.25
# Time on the clock for the same CPU time, beside the reference's in the same run, which a crowded machine
# keeps from the core as well: only waiting makes such a difference. Short runs are not worth a look.
IDLE_RATIO = 10.0
LEAST_IDLE_S = 60.0
# After one pass as good as the reference after all of them, which still was learning then.
LEAST_GAIN = 0.02
# All that is gained in the passes after the first, by code that reads well from then on.
STANDSTILL = 0.005
# From next to guessing to nearly done within one later pass.
UNTRAINED_ACCURACY = 0.3
TRAINED_ACCURACY = 0.9
# Test images are like validation images; so much better on them is no accident of ten thousand images.
TEST_GAIN = 0.05
# Fewer than so much of the reference's mistakes.
LEAST_MISTAKES = 0.4

MAX_MESSAGE_CHARS = 200

_REFUSED = re.compile(r"\[Errno 1\]|Operation not permitted|\bSIGSYS\b")
_NETWORK = re.compile(
    r"\bURLError\b|\bgaierror\b|Network is unreachable|Temporary failure in name resolution"
    r"|Name or service not known|\bConnectionRefusedError\b"
)
_DISTURBED = "Your code disturbed the connection to the tests"


def oddities(tests: Sequence[TestResult], mnist: MnistResult | None) -> tuple[ReviewFlag, ...]:
    """Return the flags that follow from a run's verdicts and its timed run."""
    return (*_sandbox_flags(tests, mnist), *([] if mnist is None else _mnist_flags(mnist)))


def _mnist_flags(mnist: MnistResult) -> Iterator[ReviewFlag]:
    ours, theirs = mnist.epochs, mnist.reference_epochs
    if not ours or not theirs or len(ours) != len(theirs) or mnist.reference_cpu_s <= 0:
        return  # it did not get to its end
    if 0 < mnist.ratio < LEAST_RATIO:
        yield _flag(
            "odd-timing",
            f"Training on MNIST took {numbers.ratio(mnist.ratio)} the computing time of the reference, for "
            "the same images and as many passes.",
        )
    cpu_s = mnist.cpu_s + mnist.reference_cpu_s
    if mnist.idle_ratio > IDLE_RATIO and mnist.wall_s > LEAST_IDLE_S:
        yield _flag(
            "odd-timing",
            f"The MNIST run lasted {mnist.wall_s:.0f} s, with {cpu_s:.0f} s of computing in it: something "
            "waited.",
        )
    yield from _accuracy_flags(mnist)


def _accuracy_flags(mnist: MnistResult) -> Iterator[ReviewFlag]:
    ours = [epoch.val_accuracy for epoch in mnist.epochs]
    theirs = [epoch.val_accuracy for epoch in mnist.reference_epochs]
    can_compare = len(ours) > 1 and theirs[-1] - theirs[0] >= LEAST_GAIN
    if can_compare and ours[0] >= theirs[-1]:
        yield _flag(
            "odd-accuracy",
            f"After the first pass over MNIST it reads {numbers.percent(ours[0])}, as much as the reference "
            f"after the last ({numbers.percent(theirs[-1])}).",
        )
    elif can_compare and ours[0] > TRAINED_ACCURACY and max(ours) - ours[0] < STANDSTILL:
        yield _flag(
            "odd-accuracy",
            f"After the first pass over MNIST it reads {numbers.percent(ours[0])} and learns no more in the "
            f"others, where the reference goes from {numbers.percent(theirs[0])} to "
            f"{numbers.percent(theirs[-1])}.",
        )
    for number, (before, after) in enumerate(pairwise(ours), 2):
        if before < UNTRAINED_ACCURACY and after > TRAINED_ACCURACY:
            yield _flag(
                "odd-accuracy",
                f"In pass {number} over MNIST it goes from {numbers.percent(before)} to "
                f"{numbers.percent(after)} at once.",
            )
    if mnist.accuracy - ours[-1] > TEST_GAIN:
        yield _flag(
            "odd-accuracy",
            f"It reads {numbers.percent(mnist.accuracy)} of the test images, and {numbers.percent(ours[-1])} "
            "of the validation images.",
        )
    if 0 < mnist.reference_accuracy < 1 and 1 - mnist.accuracy < LEAST_MISTAKES * (
        1 - mnist.reference_accuracy
    ):
        yield _flag(
            "odd-accuracy",
            f"It reads {numbers.percent(mnist.accuracy)} of the test images, with the reference at "
            f"{numbers.percent(mnist.reference_accuracy)}: more than such a network can.",
        )


def _sandbox_flags(tests: Sequence[TestResult], mnist: MnistResult | None) -> Iterator[ReviewFlag]:
    ends = [(test.id, test.outcome, test.message) for test in tests]
    if mnist is not None:
        ends.append(("the MNIST run", mnist.outcome, mnist.message))
    kinds: dict[str, tuple[str, list[tuple[str, str]]]] = {
        "sandbox-limit": ("More processes, threads or disk space than allowed", []),
        "sandbox-denial": ("Something that the sandbox forbids", []),
        "network-attempt": ("Use of the network, which there is none of; mostly a download of data", []),
        "disturbed-tests": ("The connection between this code and the tests was disturbed", []),
    }
    for name, outcome, message in ends:
        code = _code_of(outcome, message)
        if code is not None:
            kinds[code][1].append((name, message))
    for code, (what, found) in kinds.items():
        if found:
            yield _flag(code, f"{what}, in {_named(name for name, _ in found)}: {_first_line(found[0][1])}")


def _code_of(outcome: Outcome, message: str) -> str | None:
    if outcome in (Outcome.PIDS_LIMIT, Outcome.DISK_LIMIT):
        return "sandbox-limit"
    if outcome not in (Outcome.FAILED, Outcome.CRASHED):
        return None
    if message.startswith(_DISTURBED):
        return "disturbed-tests"
    if _NETWORK.search(message):
        return "network-attempt"
    return "sandbox-denial" if _REFUSED.search(message) else None


def _named(names: Iterable[str]) -> str:
    first, *others = [name.rpartition("::")[2] for name in names]
    return f"{first} and {words.count(len(others), 'other test')}" if others else first


def _first_line(message: str) -> str:
    line = next(iter(message.splitlines()), "")
    return line if len(line) <= MAX_MESSAGE_CHARS else f"{line[: MAX_MESSAGE_CHARS - 1]}…"


def _flag(code: str, text: str) -> ReviewFlag:
    return ReviewFlag(code, "", 0, text)
