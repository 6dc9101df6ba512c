"""What Prometheus is told of the queue, the workers and the runs, read from the database when it asks.

Web and workers are separate processes, and there may be several of each, so no process can count for all.
Lengths, ages and totals are what the tables say at that moment, the same from every web process. Durations
are histograms of the runs that have finished since this process started, each counted once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from grader import __version__
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RunReason, RunReport, RunState
from grader.service.living import living_workers

# Runs that nothing was executed for are in none: they neither wait nor take time.
CLASSES = {RunReason.SUBMISSION: "interactive", RunReason.REGRADE: "regrade"}
DURATION_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800)
LATE_COMMITS = timedelta(minutes=10)  # how much later than its finished_at a run may become visible


class ServiceCollector(Collector):
    """Collects the service's metrics; without a database that answers, only that it does not."""

    def __init__(self, database: Database):
        self._database = database
        self._finished = FinishedRuns()

    def describe(self) -> list[Metric]:
        """Name nothing ahead: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics as they are now."""
        info = GaugeMetricFamily("grader_info", "The version that runs.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        try:
            with self._database.reading() as session:
                found = [*_queue(session), *_runs(session), *_workers(session)]
                self._finished.count(session)
        except sa.exc.DBAPIError:
            yield GaugeMetricFamily("grader_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("grader_database_up", "Whether the database answers.", 1)
        yield from found
        yield from self._finished.registry.collect()


class FinishedRuns:
    """Histograms of the runs that have finished since this was made."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._start = now()
        self._counted: dict[int, datetime] = {}
        self._first_result = self._histogram(
            "grader_first_result_seconds", "From hand-in to the first test's result.", "class"
        )
        self._whole = self._histogram("grader_run_seconds", "From hand-in to the result.", "class")
        self._phases = self._histogram("grader_phase_seconds", "What each phase of a run takes.", "phase")

    def count(self, session: Session) -> None:
        """Count the runs that have finished since the last time."""
        with self._lock:
            since = max(self._start, now() - LATE_COMMITS)
            self._counted = {run: at for run, at in self._counted.items() if at >= since}
            rows = session.execute(
                sa.select(GradingRun, RunReport.report)
                .join(RunReport, RunReport.run_id == GradingRun.id)
                .where(GradingRun.state == RunState.GRADED, GradingRun.finished_at >= since)
                .where(GradingRun.id.not_in(self._counted), GradingRun.reason.in_(CLASSES))
            )
            for run, report in rows:
                kind = CLASSES[run.reason]
                self._counted[run.id] = run.finished_at
                if run.first_result_at is not None:
                    self._first_result.labels(kind).observe(_seconds(run.queued_at, run.first_result_at))
                self._whole.labels(kind).observe(_seconds(run.queued_at, run.finished_at))
                for phase, duration_s in report["provenance"].get("timings_s", {}).items():
                    self._phases.labels(phase).observe(duration_s)

    def _histogram(self, name: str, meaning: str, label: str) -> Histogram:
        return Histogram(name, meaning, [label], buckets=DURATION_S, registry=self.registry)


def _queue(session: Session) -> Iterator[Metric]:
    length = GaugeMetricFamily("grader_queue_length", "Runs that wait for a worker.", labels=["class"])
    age = GaugeMetricFamily(
        "grader_queue_oldest_seconds", "How long the oldest run has been waiting.", labels=["class"]
    )
    waiting = {
        reason: (count, oldest)
        for reason, count, oldest in session.execute(
            sa.select(GradingRun.reason, sa.func.count(), sa.func.min(GradingRun.queued_at))
            .where(GradingRun.state == RunState.QUEUED)
            .group_by(GradingRun.reason)
        )
    }
    for reason, kind in CLASSES.items():
        count, oldest = waiting.get(reason, (0, None))
        length.add_metric([kind], count)
        age.add_metric([kind], 0 if oldest is None else max(0.0, _seconds(oldest, now())))
    yield from (length, age)


def _runs(session: Session) -> Iterator[Metric]:
    counts = {
        (state, reason): count
        for state, reason, count in session.execute(
            sa.select(GradingRun.state, GradingRun.reason, sa.func.count()).group_by(
                GradingRun.state, GradingRun.reason
            )
        )
    }
    running = GaugeMetricFamily("grader_runs_running", "Runs being graded.", labels=["class"])
    finished = CounterMetricFamily(
        "grader_runs_finished", "Runs that are over, by how they ended.", labels=["outcome", "class"]
    )
    for reason, kind in CLASSES.items():
        running.add_metric([kind], counts.get((RunState.RUNNING, reason), 0))
        for state in RunState:
            if state.is_final:
                finished.add_metric([state.value, kind], counts.get((state, reason), 0))
    yield from (running, finished)


def _workers(session: Session) -> Iterator[Metric]:
    workers = living_workers(session)
    yield GaugeMetricFamily("grader_workers", "Workers that are alive.", len(workers))
    yield GaugeMetricFamily(
        "grader_worker_slots", "Runs that living workers can grade at once.", sum(w.slots for w in workers)
    )
    used = session.scalar(
        sa.select(sa.func.count())
        .select_from(GradingRun)
        .where(GradingRun.state == RunState.RUNNING, GradingRun.worker_id.in_([w.id for w in workers]))
    )
    examiners = GaugeMetricFamily(
        "grader_examiners", "Examiners of living workers, each with its sandboxes.", labels=["state"]
    )
    examiners.add_metric(["warm"], sum(w.warm_examiners for w in workers))
    examiners.add_metric(["used"], used or 0)
    yield examiners


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
