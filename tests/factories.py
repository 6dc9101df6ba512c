"""A cast of grading results, with numbers as a real run gives them.

Each function returns a fresh GradingResult; `CAST` names them all.
"""

from __future__ import annotations

import base64
import math
import random
from dataclasses import replace
from typing import Any

from grader.judging.result import (
    Epoch,
    GradingResult,
    Hint,
    MnistResult,
    Outcome,
    Rejection,
    ReviewFlag,
    Status,
    TestResult,
    Visibility,
)

UNIT = "nn"
UNIT_TITLE = "Module 03 — A first neural network"

HINTS = {
    "not-implemented": "This part is still to be written: replace the NotImplementedError with your code.",
    "cross-entropy-overflow": "Naive cross-entropy: exp() overflows on large logits. "
    "Subtract each row's maximum first — the log-sum-exp trick described in loss.py.",
    "no-grad-missing": "The update in SGD.step is recorded by autograd. Wrap it in torch.no_grad().",
    "zero-grad-missing": "Gradients add up. Call optimizer.zero_grad() before loss.backward().",
    "epoch-loss-unweighted": "The last batch is smaller: weight each batch's loss by its size.",
    "off-limits-api": "The point of this module is to build these parts yourself: use plain tensors.",
    "too-slow": "The training loop takes several times as long as it needs. "
    "Use one matrix product for a whole batch, not one for each image.",
}

_TESTS = (  # group, visibility, points, names
    ("linear", "public", 0.0, ("test_linear_shapes", "test_linear_parameters_require_grad")),
    ("linear", "public", 2.0, ("test_linear_forward", "test_linear_gradients")),
    ("linear", "hidden", 2.0, ("test_bias_is_broadcast_over_the_batch",)),
    ("activations", "public", 1.0, ("test_relu", "test_tanh", "test_sigmoid")),
    (
        "activations",
        "hidden",
        1.0,
        ("test_finite_far_out[relu]", "test_finite_far_out[sigmoid]", "test_input_is_kept"),
    ),
    ("sequential", "public", 5.0, ("test_sequential_forward", "test_sequential_parameters")),
    ("cross_entropy", "public", 4.0, ("test_cross_entropy_value", "test_cross_entropy_large_logits")),
    ("cross_entropy", "hidden", 4.0, ("test_mean_over_the_batch", "test_each_row_has_its_own_maximum")),
    ("sgd", "public", 0.0, ("test_zero_grad",)),
    ("sgd", "public", 4.0, ("test_step", "test_weight_decay")),
    ("sgd", "hidden", 4.0, ("test_step_is_not_tracked", "test_parameters_without_gradient_are_skipped")),
    ("training", "public", 5.0, ("test_train_linear_regression", "test_train_classifier_on_circles")),
    ("training", "hidden", 4.0, ("test_epoch_loss_is_weighted", "test_accuracy_counts_examples")),
    ("mnist", "hidden", 14.0, ("mnist::accuracy", "mnist::time")),
)


def make_test(**changes: Any) -> TestResult:
    """Return a passed public test with the given fields changed."""
    fields: dict[str, Any] = {
        "id": "tests/test_nn.py::test_linear_forward",
        "visibility": Visibility.PUBLIC,
        "group": "linear",
        "outcome": Outcome.PASSED,
        "points": 2.0,
        "max_points": 2.0,
        "duration_s": 0.031,
    }
    return TestResult(**{**fields, **changes})


def make_result(
    failures: dict[str, tuple[Outcome, str, str | None]] | None = None, **changes: Any
) -> GradingResult:
    """Return a graded result; `failures` maps a test's name to (outcome, message, hint code)."""
    draw = random.Random(3)
    tests = []
    for group, visibility, points, names in _TESTS:
        for name in names:
            outcome, message, code = (failures or {}).get(name, (Outcome.PASSED, "", None))
            tests.append(
                TestResult(
                    id=_test_id(group, visibility, name),
                    visibility=Visibility(visibility),
                    group=group,
                    outcome=outcome,
                    points=points if outcome is Outcome.PASSED else 0.0,
                    max_points=points,
                    message=message,
                    hint=None if code is None else Hint(code, HINTS[code]),
                    duration_s=0.0 if outcome is Outcome.SKIPPED else round(draw.uniform(0.004, 0.12), 4),
                )
            )
    score = round(math.fsum(test.points for test in tests), 6)
    fields: dict[str, Any] = {
        "unit": UNIT,
        "status": Status.GRADED,
        "score": score,
        "tests": tuple(tests),
        "mnist": make_mnist(),
        "pictures": make_pictures(),
        "provenance": make_provenance(),
    }
    return GradingResult(**{**fields, **changes})


def make_mnist(**changes: Any) -> MnistResult:
    """Return a successful MNIST run with the given fields changed."""
    fields: dict[str, Any] = {
        "outcome": Outcome.PASSED,
        "accuracy": 0.9712,
        "threshold": 0.95,
        "epochs": _epochs(0.4127, 0.9143),
        "reference_epochs": _epochs(0.3981, 0.9188),
        "reference_accuracy": 0.9734,
        "cpu_s": 10.84,
        "reference_cpu_s": 9.71,
        "ratio": 10.84 / 9.71,
        "max_ratio": 3.0,
        "wall_s": 11.32,
    }
    return MnistResult(**{**fields, **changes})


def make_provenance() -> dict[str, Any]:
    """Return the provenance of a run on an ordinary laptop."""
    return {
        "unit_digest": "sha256:5f0c2a8d7be1947f3e0b6c1a9d24e8f7705b3c6d1e2f4a8b9c0d7e6f5a4b3c2d",
        "submission_digest": "sha256:0b1c2d3e4f5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0",
        "seed": 1729,
        "with_mnist": True,
        "sandbox": "bubblewrap",
        "root_digest": "sha256:c41f9e0d2b7a6583f1e0d9c8b7a695847362514f3e2d1c0b9a8f7e6d5c4b3a29",
        "torch": "2.13.0+cpu",
        "python": "3.11.2",
        "grader_torch": "2.13.0+cpu",
        "grader_python": "3.11.2",
        "cores": 8,
        "core": 7,
        "platform": "Linux 6.1.0 x86_64",
        "finished_at": "2026-11-20T17:04:09+00:00",
        "cpu_model": "Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
        "limits": {"test_wall_s": 20.0, "memory_bytes": 2147483648, "pids": 64, "tmp_bytes": 67108864},
        "timings_s": {"reading": 0.021, "loading": 0.31, "tests": 8.17, "mnist": 21.4},
    }


def make_pictures() -> dict[str, Any]:
    """Return all pictures as a correct solution draws them."""
    steps = list(range(0, 1001, 10))
    decayed = [0.32 + 0.37 * math.exp(-step / 150) for step in steps]
    return {
        "digits": make_digits(wrong=(7, 22)),
        "linear_regression": {
            "points": [[x / 50 - 1, 3 * (x / 50 - 1) + 2 + 0.05 * math.sin(37 * x)] for x in range(100)],
            "W": 2.9936,
            "b": 2.0021,
            "losses": [0.0013 + 6.9 * math.exp(-step / 28) for step in range(500)],
        },
        "decision_boundary": {
            "with_relu": _panel(lambda x, y: 9 * (0.72 - math.hypot(x, y * 1.03)), 0.9975, _circles()),
            "without_relu": _panel(lambda x, y: 0.25 * x - 0.4 * y + 0.03, 0.5325, _circles()),
        },
        "moons": {"with_relu": _panel(lambda x, y: 7 * (-0.5 * math.sin(2.6 * x) - y), 0.98, _moons(), 2.0)},
        "overfitting": {
            "steps": steps,
            "without_decay": {
                "train_loss": [0.69 * math.exp(-step / 120) + 0.002 for step in steps],
                "val_loss": [0.69 - 0.3 * (1 - math.exp(-step / 60)) + 0.0009 * step for step in steps],
            },
            "with_decay": {"train_loss": decayed, "val_loss": [loss * 1.06 + 0.015 for loss in decayed]},
        },
    }


def make_digits(wrong: tuple[int, ...]) -> dict[str, Any]:
    """Return 40 drawn digits; those numbered in `wrong` are read as the next digit up."""
    actual = [(3 * number + number // 10) % 10 for number in range(40)]
    return {
        "pixels": [
            base64.b64encode(_drawn_digit(digit, number)).decode() for number, digit in enumerate(actual)
        ],
        "predicted": [(digit + 1) % 10 if number in wrong else digit for number, digit in enumerate(actual)],
        "actual": actual,
    }


def reference() -> GradingResult:
    """The solved unit: full marks."""
    return make_result(ignored=("__MACOSX/", ".DS_Store", "notebooks/.ipynb_checkpoints/"))


def template() -> GradingResult:
    """The untouched template: nothing is written, nothing earns points."""
    missing = (Outcome.FAILED, "NotImplementedError", "not-implemented")
    written = [name for _, _, points, names in _TESTS for name in names if points > 0]
    return make_result(
        dict.fromkeys(written, missing),
        mnist=make_mnist(
            outcome=Outcome.FAILED,
            accuracy=0.0,
            epochs=(),
            cpu_s=0.0,
            ratio=0.0,
            wall_s=0.4,
            message="NotImplementedError: build_mnist_mlp",
            hint=Hint("not-implemented", HINTS["not-implemented"]),
        ),
        pictures={},
    )


def half_done() -> GradingResult:
    """A usual evening's work: naive cross-entropy, tracked updates, training helpers missing."""
    overflow = (
        "AssertionError: assert close(got, expected)\n  got      tensor(nan)\n  expected tensor(0.3133)"
    )
    missing = (Outcome.FAILED, "NotImplementedError", "not-implemented")
    tracked = (
        "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.\n"
        "  raised in optim.py, line 31, in step"
    )
    return make_result(
        {
            "test_cross_entropy_large_logits": (Outcome.FAILED, overflow, "cross-entropy-overflow"),
            "test_each_row_has_its_own_maximum": (Outcome.FAILED, overflow, "cross-entropy-overflow"),
            "test_step": (Outcome.FAILED, tracked, "no-grad-missing"),
            "test_step_is_not_tracked": (Outcome.FAILED, tracked, "no-grad-missing"),
            "test_weight_decay": (Outcome.FAILED, tracked, None),
            "test_train_linear_regression": missing,
            "test_train_classifier_on_circles": missing,
            "test_epoch_loss_is_weighted": missing,
            "test_accuracy_counts_examples": missing,
            "mnist::accuracy": missing,
            "mnist::time": (Outcome.SKIPPED, "MNIST did not get to its end.", None),
        },
        mnist=None,
        pictures={"decision_boundary": {"with_relu": make_pictures()["decision_boundary"]["with_relu"]}},
        review=(
            ReviewFlag(
                "noted-api", "g2c/nn/loss.py", 24, "torch.log_softmax is used; allowed, and shown to staff."
            ),
        ),
        ignored=(".DS_Store",),
    )


def too_slow() -> GradingResult:
    """Correct, but it trains image by image: the time points are lost; it also calls what is off limits."""
    message = "The CPU time is 4.62 times the reference's; the limit is 3.00 times."
    result = make_result(
        {"mnist::time": (Outcome.FAILED, message, "too-slow")},
        mnist=make_mnist(
            accuracy=0.9608,
            epochs=_epochs(0.4522, 0.8871),
            cpu_s=44.86,
            ratio=4.62,
            wall_s=45.9,
            outcome=Outcome.FAILED,
            message=message,
            hint=Hint("too-slow", HINTS["too-slow"]),
        ),
        pictures={**make_pictures(), "digits": make_digits(wrong=(3, 11, 12, 29, 38))},
        review=(
            ReviewFlag(
                "off-limits-api", "g2c/nn/train.py", 88, "torch.nn.functional.cross_entropy is off limits."
            ),
            ReviewFlag(
                "off-limits-api", "g2c/nn/loss.py", 3, "import torch.nn.functional as F is off limits."
            ),
        ),
    )
    broken_rule = make_test(
        id="rules::off_limits",
        group="rules",
        outcome=Outcome.FAILED,
        points=-30.0,
        max_points=0.0,
        message="g2c/nn/train.py, line 88: torch.nn.functional.cross_entropy is off limits.",
        hint=Hint("off-limits-api", HINTS["off-limits-api"]),
        duration_s=0.0,
    )
    assert result.score is not None
    return replace(result, tests=(*result.tests, broken_rule), score=result.score - 30.0)


def crashing() -> GradingResult:
    """One of each way to go down; the other tests keep their points."""
    return make_result(
        {
            "test_linear_forward": (
                Outcome.CRASHED,
                "The program was ended by SIGSEGV (invalid memory access).",
                None,
            ),
            "test_relu": (Outcome.TIMEOUT, "No answer within 20 seconds.", None),
            "test_tanh": (Outcome.OUT_OF_MEMORY, "More than 2048 MB of memory were used.", None),
            "test_sigmoid": (Outcome.OUTPUT_LIMIT, "More than 1 MB was printed.", None),
            "test_step": (Outcome.DISK_LIMIT, "More than 64 MB were written to /tmp.", None),
            "test_zero_grad": (Outcome.PIDS_LIMIT, "More than 64 processes were started.", None),
            "mnist::accuracy": (Outcome.TIMEOUT, "No answer within 120 seconds.", None),
            "mnist::time": (Outcome.SKIPPED, "MNIST did not get to its end.", None),
        },
        mnist=make_mnist(
            outcome=Outcome.TIMEOUT,
            accuracy=0.0,
            epochs=_epochs(0.61, 0.84)[:2],
            cpu_s=118.2,
            ratio=12.17,
            wall_s=120.0,
            message="No answer within 120 seconds.",
        ),
        pictures={"overfitting": make_pictures()["overfitting"]},
    )


def rejected() -> GradingResult:
    """A hand-in that intake refused."""
    return GradingResult(
        unit=UNIT,
        status=Status.REJECTED,
        rejected=(
            Rejection(
                "file-missing", "g2c/nn/optim.py", "This file is missing. Add it and zip the folder again."
            ),
            Rejection(
                "symlink",
                "data/mnist",
                "This is a symbolic link. Replace it with the file itself, or leave it out.",
            ),
        ),
        ignored=("__MACOSX/",),
    )


def grader_problem() -> GradingResult:
    """Our own failure: no score."""
    return GradingResult(
        unit=UNIT,
        status=Status.GRADER_PROBLEM,
        problem="SandboxError: the sandbox did not start: bwrap: setting up uid map: Permission denied",
    )


HOSTILE_TEXTS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\ \x9b2J",
    "passed\r\nscore: 100\roverwritten\x00\x07\x08",
    "left \u202eright to left\u2066 isolated \u200bzero width \ufeffmark",
    "lone surrogate \ud800 and \udfff, not a character \ufffe",
    "]]> <!-- --> <?xml?> ${jndi} {{ 7 * 7 }} {% raw %} [bold red]markup[/]",
    "a" + "\u0301" * 5000,
    "x" * 3_000_000,
    "line\n" * 100_000,
)


def hostile() -> GradingResult:
    """Every text field and picture as bad as a hostile program can make it."""
    tests = tuple(
        make_test(
            id=f"tests/test_nn.py::test_{number}[{text[:200]}]",
            outcome=Outcome.FAILED,
            points=0.0,
            message=text,
            hint=Hint("shape-error", text),
            duration_s=math.nan,
        )
        for number, text in enumerate(HOSTILE_TEXTS)
    )
    return make_result(
        tests=tests,
        score=0.0,
        mnist=make_mnist(
            accuracy=math.nan,
            epochs=(Epoch(math.inf, 0.1), Epoch(None, math.nan), Epoch(1e308, 1.0)),
            cpu_s=math.inf,
            ratio=math.nan,
            message=HOSTILE_TEXTS[0],
            outcome=Outcome.FAILED,
        ),
        review=tuple(ReviewFlag("off-limits-api", text[:300], 1, text) for text in HOSTILE_TEXTS),
        ignored=tuple(text[:300] for text in HOSTILE_TEXTS),
        pictures={
            "digits": {
                "pixels": make_digits(())["pixels"][:3],
                "predicted": [math.nan, 10**400, -3],
                "actual": [1, 2, 3],
            },
            "linear_regression": {
                "points": [[math.nan, 1.0], [0.0, math.inf]],
                "W": math.nan,
                "b": 1e300,
                "losses": [],
            },
            "decision_boundary": {"with_relu": {**_panel(lambda x, y: y, 0.5, []), "x_min": 9.0}},
            "moons": {
                "with_relu": {
                    **_panel(lambda x, y: x, math.inf, [[1e300, math.nan, 1]]),
                    "grid": [[math.nan] * 40] * 40,
                }
            },
            "overfitting": {
                "steps": [0, 1, 2],
                "without_decay": {"train_loss": [math.nan] * 3, "val_loss": [math.inf, None, 1.0]},
                "with_decay": {"train_loss": [1e11, 2.0, None], "val_loss": [0.0, -1e11, 1.0]},
            },
        },
    )


CAST = {
    "reference": reference,
    "template": template,
    "half_done": half_done,
    "too_slow": too_slow,
    "crashing": crashing,
    "rejected": rejected,
    "grader_problem": grader_problem,
    "hostile": hostile,
}


def _test_id(group: str, visibility: str, name: str) -> str:
    if "::" in name:
        return name
    return f"tests/test_nn.py::{name}" if visibility == "public" else f"hidden/test_{group}.py::{name}"


def _epochs(first_loss: float, first_accuracy: float) -> tuple[Epoch, ...]:
    return tuple(
        Epoch(
            round(first_loss * 0.62**number + 0.04, 4),
            round(0.977 - (0.977 - first_accuracy) * 0.5**number, 4),
        )
        for number in range(5)
    )


def _panel(score: Any, accuracy: float, points: list[list[float]], reach: float = 1.4) -> dict[str, Any]:
    places = [-reach + 2 * reach * index / 39 for index in range(40)]
    grid = [[1 / (1 + math.exp(-score(x, y))) for x in places] for y in places]
    edges = {"x_min": -reach, "x_max": reach, "y_min": -reach, "y_max": reach}
    return {**edges, "grid": grid, "points": points, "accuracy": accuracy}


def _circles() -> list[list[float]]:
    draw = random.Random(5)
    points = []
    for number in range(400):
        angle, label = draw.uniform(0, 2 * math.pi), number % 2
        radius = (0.45 if label else 1.0) + draw.gauss(0, 0.08)
        points.append([radius * math.cos(angle), radius * math.sin(angle), label])
    return points


def _moons() -> list[list[float]]:
    draw = random.Random(6)
    points = []
    for number in range(400):
        angle, label = draw.uniform(0, math.pi), number % 2
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x - 0.5, y - 0.25) if label == 0 else (0.5 - x, 0.25 - y)
        points.append([1.2 * x + draw.gauss(0, 0.1), 1.2 * y + draw.gauss(0, 0.1), label])
    return points


_SEGMENTS = {  # the bars of a seven-segment digit, as (x0, y0, x1, y1)
    "a": (9, 5, 18, 5), "b": (18, 5, 18, 13), "c": (18, 13, 18, 22), "d": (9, 22, 18, 22),
    "e": (9, 13, 9, 22), "f": (9, 5, 9, 13), "g": (9, 13, 18, 13),
}  # fmt: skip
_SEGMENTS_OF_DIGIT = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def _drawn_digit(digit: int, seed: int) -> bytes:
    slant = random.Random(seed).uniform(-0.05, 0.3)
    pixels = bytearray(28 * 28)
    for name in _SEGMENTS_OF_DIGIT[digit]:
        x0, y0, x1, y1 = _SEGMENTS[name]
        for step in range(41):
            y = y0 + (y1 - y0) * step / 40
            x = x0 + (x1 - x0) * step / 40 + slant * (14 - y)
            for row in range(int(y) - 1, int(y) + 3):
                for column in range(int(x) - 1, int(x) + 3):
                    strength = max(0.0, 1.6 - math.hypot(column - x, row - y)) / 1.6
                    pixels[row * 28 + column] = max(
                        pixels[row * 28 + column], int(255 * min(1, 1.4 * strength))
                    )
    return bytes(pixels)
