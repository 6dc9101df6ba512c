"""The timed runs on MNIST: accuracy against CPU time, beside the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.analytics.attempts import Attempt, run_ids
from grader.db.models import GradingRun, RunReport


@dataclass(frozen=True)
class TimedRun:
    """One attempt's timed run that came to its end. `ratio` is its CPU time over the reference's."""

    attempt: Attempt
    accuracy: float
    ratio: float
    cpu_s: float | None
    reference_cpu_s: float | None


@dataclass(frozen=True)
class Limits:
    """What a timed run must keep to, and what the reference reached; None where it is not known."""

    threshold: float | None = None
    max_ratio: float | None = None
    reference_accuracy: float | None = None


def timed_runs(session: Session, chosen: Sequence[Attempt]) -> list[TimedRun]:
    """Return the timed runs of these attempts that were finished; the fastest first."""
    attempts = {attempt.run_id: attempt for attempt in chosen}
    rows = session.execute(
        sa.select(
            GradingRun.id,
            GradingRun.mnist_accuracy,
            GradingRun.mnist_ratio,
            GradingRun.mnist_cpu_s,
            GradingRun.mnist_reference_cpu_s,
        )
        .where(GradingRun.id.in_(run_ids(chosen)), GradingRun.mnist_ratio > 0)
        .order_by(GradingRun.mnist_ratio, GradingRun.id)
    )
    return [
        TimedRun(attempts[run_id], accuracy or 0.0, ratio or 0.0, cpu_s, reference_cpu_s)
        for run_id, accuracy, ratio, cpu_s, reference_cpu_s in rows
    ]


def limits_of(session: Session, runs: Sequence[TimedRun]) -> Limits:
    """Return the limits as the newest of these runs was held to them."""
    newest = max((run.attempt.run_id for run in runs), default=None)
    report = None if newest is None else session.get(RunReport, newest)
    if report is None:
        return Limits()
    mnist = report.report.get("mnist") or {}
    return Limits(mnist.get("threshold"), mnist.get("max_ratio"), mnist.get("reference_accuracy"))
