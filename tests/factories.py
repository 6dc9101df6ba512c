"""Results of tests, of the MNIST run and of whole runs: plausible values to start from."""

from __future__ import annotations

import math
import random
from typing import Any

from grader.judging.result import (
    Epoch,
    GradingResult,
    Hint,
    MnistResult,
    Outcome,
    Status,
    TestResult,
    Visibility,
)
from tests.pictures import make_pictures

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

TESTS = (  # group, visibility, points, names
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
    for group, visibility, points, names in TESTS:
        for name in names:
            outcome, message, code = (failures or {}).get(name, (Outcome.PASSED, "", None))
            tests.append(
                TestResult(
                    id=make_test_id(group, visibility, name),
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
        "epochs": make_epochs(0.4127, 0.9143),
        "reference_epochs": make_epochs(0.3981, 0.9188),
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
        "mnist_data": 2,
        "cores": 8,
        "core": 7,
        "platform": "Linux 6.1.0 x86_64",
        "finished_at": "2026-11-20T17:04:09+00:00",
        "cpu_model": "Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
        "limits": {"test_wall_s": 20.0, "memory_bytes": 2147483648, "pids": 64, "tmp_bytes": 67108864},
        "timings_s": {"reading": 0.021, "loading": 0.31, "tests": 8.17, "mnist": 21.4},
    }


def make_test_id(group: str, visibility: str, name: str) -> str:
    if "::" in name:
        return name
    return f"tests/test_nn.py::{name}" if visibility == "public" else f"hidden/test_{group}.py::{name}"


def make_epochs(first_loss: float, first_accuracy: float) -> tuple[Epoch, ...]:
    return tuple(
        Epoch(
            round(first_loss * 0.62**number + 0.04, 4),
            round(0.977 - (0.977 - first_accuracy) * 0.5**number, 4),
        )
        for number in range(5)
    )
