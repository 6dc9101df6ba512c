"""A cast of grading results, with numbers as a real run gives them.

Each function returns a fresh GradingResult; `CAST` names them all.
"""

from __future__ import annotations

import math
from dataclasses import replace

from grader.judging.result import (
    Epoch,
    GradingResult,
    Hint,
    Outcome,
    Rejection,
    ReviewFlag,
    Status,
)
from tests.factories import HINTS, TESTS, UNIT, make_epochs, make_mnist, make_result, make_test
from tests.pictures import make_digits, make_panel, make_pictures


def reference() -> GradingResult:
    """The solved unit: full marks."""
    return make_result(ignored=("__MACOSX/", ".DS_Store", "notebooks/.ipynb_checkpoints/"))


def template() -> GradingResult:
    """The untouched template: nothing is written, nothing earns points."""
    missing = (Outcome.FAILED, "NotImplementedError", "not-implemented")
    written = [name for _, _, points, names in TESTS for name in names if points > 0]
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
            epochs=make_epochs(0.4522, 0.8871),
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
            epochs=make_epochs(0.61, 0.84)[:2],
            cpu_s=118.2,
            ratio=0.0,
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
            "decision_boundary": {"with_relu": {**make_panel(lambda x, y: y, 0.5, []), "x_min": 9.0}},
            "moons": {
                "with_relu": {
                    **make_panel(lambda x, y: x, math.inf, [[1e300, math.nan, 1]]),
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
