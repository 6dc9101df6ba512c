"""The timed MNIST run on a small part of the data: what it measures, and how it fails.

In one sandbox, whichever it is: the whole run on each of them is in test_judge_reference.py.
"""

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SandboxError, UnitError
from grader.grading import make_job
from grader.judging import mnist, mnist_runner
from grader.judging.events import EpochFinished, Event
from grader.judging.judge import Bench
from grader.judging.result import GradingResult, MnistResult
from grader.remote.importing.deadlines import SessionLimits
from tests.contract.judging import (
    NN,
    SAMPLES,
    TRAINING,
    graded,
    job_for,
    sample_job,
    short_mnist_bench,
    solved_with,
)


@pytest.fixture(scope="module")
def mnist_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with short_mnist_bench(tmp_path_factory.mktemp("unit")) as bench:
        yield bench


def with_rules(bench: Bench, **changes: object) -> Bench:
    assert bench.unit.mnist is not None
    rules = dataclasses.replace(bench.unit.mnist, **changes)
    return dataclasses.replace(bench, unit=dataclasses.replace(bench.unit, mnist=rules))


def run(
    bench: Bench, changes: dict[str, str] | None = None, events: list[Event] | None = None
) -> GradingResult:
    return graded(job_for(NN.reference, with_mnist=True, **(changes or {})), bench, events)


def mnist_of(result: GradingResult) -> MnistResult:
    assert result.mnist is not None
    return result.mnist


def points(result: GradingResult) -> dict[str, float]:
    return {test.id: test.points for test in result.tests if test.group == "mnist"}


def in_training(statement: str) -> dict[str, str]:
    """The reference with a statement before each training step."""
    return solved_with(module="train", old=TRAINING, new=f"        {statement}\n{TRAINING}")


def test_the_reference_learns_and_is_measured(mnist_bench: Bench):
    events: list[Event] = []
    result = run(mnist_bench, events=events)
    found = mnist_of(result)
    assert (found.outcome, found.message, found.hint) == ("passed", "", None)
    assert points(result) == {"mnist::accuracy": 10, "mnist::time": 5}
    assert found.accuracy == found.reference_accuracy > 0.6  # the same code with the same seed
    assert found.epochs == found.reference_epochs
    assert len(found.epochs) == 2 and found.epochs[0].train_loss > found.epochs[1].train_loss > 0
    assert found.ratio == pytest.approx(found.cpu_s / found.reference_cpu_s, abs=0.01)
    epochs = [event for event in events if isinstance(event, EpochFinished)]
    assert [(event.epoch, event.of) for event in epochs] == [(1, 2), (2, 2)]
    assert [event.student for event in epochs] == list(found.epochs)


def test_the_digits_of_the_report_are_the_real_ones_in_their_real_classes(mnist_bench: Bench):
    digits = run(mnist_bench).pictures["digits"]
    assert mnist_bench.mnist is not None
    images, labels = mnist_bench.mnist.test_images, mnist_bench.mnist.test_labels.tolist()
    class_of = {image.numpy().tobytes(): label for image, label in zip(images, labels, strict=True)}
    assert digits["actual"] == [class_of[base64.b64decode(pixels)] for pixels in digits["pixels"]]
    assert len(digits["actual"]) == 40 and digits["actual"] != labels[:40]
    right = [a == b for a, b in zip(digits["actual"], digits["predicted"], strict=True)]
    assert sum(right) > 20


def test_the_same_seed_gives_the_same_accuracy_and_another_one_other_data(mnist_bench: Bench):
    first, again = mnist_of(run(mnist_bench)), mnist_of(run(mnist_bench))
    assert (first.accuracy, first.epochs) == (again.accuracy, again.epochs)
    other = mnist_of(graded(job_for(NN.reference, seed=99, with_mnist=True), mnist_bench))
    assert other.epochs != first.epochs


def test_waiting_shows_beside_the_reference(mnist_bench: Bench):
    assert mnist_of(run(mnist_bench, in_training("__import__('time').sleep(0.5)"))).idle_ratio > 2


def test_a_model_that_is_not_trained_is_named(mnist_bench: Bench):
    result = run(mnist_bench, solved_with(module="train", old="        optimizer.step()\n", new=""))
    found = mnist_of(result)
    assert found.outcome == "failed" and "60.0 % is asked for" in found.message
    assert found.hint is not None and found.hint.code == "model-not-trained"
    assert points(result) == {"mnist::accuracy": 0, "mnist::time": 0}


def test_too_little_learning_alone_is_not_called_untrained(mnist_bench: Bench):
    found = mnist_of(run(with_rules(mnist_bench, threshold=0.999)))
    assert (found.outcome, found.hint) == ("failed", None)


@pytest.mark.parametrize(
    ("lr", "hint"), [("-100.0 * self.lr", "diverged"), ("1e30", "diverged")], ids=["uphill", "enormous"]
)
def test_training_that_diverges_is_named(mnist_bench: Bench, lr: str, hint: str):
    text = (NN.reference / "g2c" / "nn" / "optim.py").read_text(encoding="utf-8")
    result = run(mnist_bench, {"optim": text.replace("self.lr *", f"{lr} *")})
    assert text.count("self.lr *") >= 1
    found = mnist_of(result)
    assert found.outcome == "failed" and "NaN or infinity" in found.message
    assert found.hint is not None and found.hint.code == hint


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        ("x[:, :3]", "shape (1000, 10), got a tensor of shape (1000, 3)"),
        ("x.argmax(dim=1)", "got a tensor of shape (1000,)"),
        ("x.long()", "shape (1000, 10), got"),
        ("None", "got NoneType"),
    ],
)
def test_predictions_of_another_kind_fail(mnist_bench: Bench, prediction: str, said: str):
    changes = solved_with(
        module="modules",
        old="            x = layer(x)\n        return x\n",
        new=f"            x = layer(x)\n        return {prediction} if len(x) == 1000 else x\n",
    )
    result = run(mnist_bench, changes)
    found = mnist_of(result)
    assert found.outcome == "failed" and said in found.message
    assert found.hint is None and found.accuracy == 0
    assert points(result) == {"mnist::accuracy": 0, "mnist::time": 0}


@pytest.mark.parametrize(
    ("statement", "outcome", "said"),
    [
        ("__import__('os')._exit(0)", "crashed", "os._exit()"),
        ("__import__('ctypes').string_at(0)", "crashed", "SIGSEGV"),
        ("bytearray(2**40)", "out_of_memory", "memory"),
        ("hold = [b'x' * 2**24 for _ in range(2**12)]", "out_of_memory", "memory"),
        ("raise ValueError('mine')", "failed", "ValueError: mine\n  g2c/nn/train.py, line"),
        ("raise NotImplementedError", "failed", "NotImplementedError"),
        ("print('x' * 2**24, flush=True)", "output_limit", "printed more than"),
        (
            "[__import__('threading').Thread(target=__import__('time').sleep, args=(60,)).start() "
            "for _ in range(200)]",
            "pids_limit",
            "threads",
        ),
    ],
    ids=["exit", "segfault", "huge", "hog", "error", "unwritten", "flood", "threads"],
)
def test_what_ends_training_is_named_and_costs_mnist_alone(
    mnist_bench: Bench, statement: str, outcome: str, said: str
):
    result = run(mnist_bench, in_training(statement))
    found = mnist_of(result)
    assert (found.outcome, found.accuracy, found.ratio) == (outcome, 0, 0)
    assert said in found.message
    assert result.score == pytest.approx(85)


def test_training_without_end_is_stopped(mnist_bench: Bench, monkeypatch: pytest.MonkeyPatch):
    limits = SessionLimits(cpu_s=4.0, wall_s=300.0, output_bytes=1024)
    monkeypatch.setattr(mnist_runner, "LIMITS", limits)
    result = run(mnist_bench, in_training("while True: pass"))
    found = mnist_of(result)
    assert found.outcome == "timeout" and "after 4 s of computing" in found.message
    assert found.hint is not None and found.hint.code == "too-slow"
    assert result.score == pytest.approx(85)


def test_time_is_measured_outside_whatever_clocks_say(mnist_bench: Bench, tmp_path: Path):
    """The sample stops every clock and burns time in a loop; its accuracy keeps its points."""
    result = graded(
        sample_job(SAMPLES["hostile/patched-clocks"], tmp_path, with_mnist=True),
        with_rules(mnist_bench, max_ratio=2.0),
    )
    found = mnist_of(result)
    assert found.outcome == "failed" and found.ratio > 2.0
    assert "× the computing time of the reference; at most 2.00 × is allowed" in found.message
    assert found.hint is not None and found.hint.code == "too-slow"
    assert points(result) == {"mnist::accuracy": 10, "mnist::time": 0}


@pytest.mark.parametrize(
    ("near", "runs"), [(0.0, 1), (1e9, mnist.MAX_RUNS)], ids=["clearly within", "near the limit"]
)
def test_a_time_near_the_limit_is_measured_again(
    mnist_bench: Bench, near: float, runs: int, monkeypatch: pytest.MonkeyPatch
):
    opened = []
    open_session = mnist_bench.reference.open_session

    def counted(limits: SessionLimits, seed: int) -> object:
        opened.append(seed)
        return open_session(limits, seed)

    monkeypatch.setattr(mnist, "BOUNDARY_SHARE", near)
    monkeypatch.setattr(mnist_bench.reference, "open_session", counted)
    events: list[Event] = []
    result = run(mnist_bench, events=events)
    assert len(opened) == runs
    assert mnist_of(result).outcome == "passed"
    assert sum(isinstance(event, EpochFinished) for event in events) == 2  # repeats are not told


def test_a_repeat_that_fails_says_nothing_about_the_time(mnist_bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Else a crash, which takes no time at all, would be a way to look fast."""
    train_epoch = mnist_runner.Runner._train_epoch
    students: list[mnist_runner.Runner] = []

    def fail_in_repeats(runner: mnist_runner.Runner) -> None:
        if runner.host is mnist_bench.student:
            students.append(runner)
            if runner is not students[0]:
                raise ValueError("only now")
        train_epoch(runner)

    monkeypatch.setattr(mnist, "BOUNDARY_SHARE", 1e9)
    monkeypatch.setattr(mnist_runner.Runner, "_train_epoch", fail_in_repeats)
    found = mnist_of(run(mnist_bench))
    assert len(students) == 2 + mnist.MAX_RUNS - 1  # two epochs, then one in each repeat
    assert found.outcome == "passed"
    assert found.ratio == pytest.approx(found.cpu_s / found.reference_cpu_s, abs=0.01)


def test_a_repeat_knows_nothing_of_the_run_before(mnist_bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Memory that is mapped at import is shared by all sessions: with weights in it, repeats look fast."""
    text = (NN.reference / "g2c" / "nn" / "train.py").read_text(encoding="utf-8")
    mapped = "import mmap, os\nimport torch\n\nKEPT = mmap.mmap(-1, 8)\n"
    tells = (
        "        mine = os.getpid().to_bytes(8, 'big')\n"
        "        assert KEPT[:] in (bytes(8), mine), 'trained in an earlier run'\n"
        "        KEPT[:] = mine\n"
    )
    train = text.replace("import torch\n", mapped, 1).replace(TRAINING, tells + TRAINING)
    found: list[MnistResult] = []
    run_once = mnist._run_once

    def kept(*arguments: Any) -> tuple[MnistResult, mnist_runner.Runner]:
        found.append((done := run_once(*arguments))[0])
        return done

    monkeypatch.setattr(mnist, "BOUNDARY_SHARE", 1e9)
    monkeypatch.setattr(mnist, "_run_once", kept)
    run(mnist_bench, {"train": train})
    assert [(each.outcome, each.message) for each in found] == [("passed", "")] * mnist.MAX_RUNS


def test_a_reference_that_fails_is_our_mistake(mnist_bench: Bench):
    template = make_job(NN.template, NN, 1)
    solved = make_job(NN.reference, NN, 1)
    mnist_bench.reference.load(template.files)
    try:
        with pytest.raises(UnitError, match="the reference of unit nn failed on MNIST"):
            run(mnist_bench)
    finally:
        mnist_bench.reference.load(solved.files)


def test_a_sandbox_that_fails_in_training_is_not_the_students_failure(
    mnist_bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    train_epoch = mnist_runner.Runner._train_epoch

    def fail(runner: mnist_runner.Runner) -> None:
        train_epoch(runner)
        raise SandboxError("the sandbox is gone")

    monkeypatch.setattr(mnist_runner.Runner, "_train_epoch", fail)
    with pytest.raises(SandboxError, match="is gone"):
        run(mnist_bench)


def test_the_run_after_all_this_is_as_good_as_the_first(mnist_bench: Bench):
    assert mnist_of(run(mnist_bench)).outcome == "passed"
