"""Finding work that has been dropped, and picking it up again.

Whoever looks may be cut off anywhere, and several workers may look at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import sqlalchemy as sa
import structlog
from dbos import DBOS, WorkflowStatus

from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunState, Worker
from grader.jobs.engine import INTERACTIVE, QUEUES, job_id
from grader.jobs.failures import record_failure
from grader.jobs.queue import JobQueue

log = structlog.get_logger("grader.jobs")

LOST = "The job was lost: its workers died again and again, or its entry in the queue is gone."


class Resumption:
    """Puts jobs that nobody carries out back into their queues; `look` every few seconds.

    Dead workers leave such jobs. So may this one: if the connection breaks while a job is being taken, the
    database says that it is ours, and we don't know. Such a job is put back when it was met twice in a row.
    A job that is taken anew belongs to a living worker from then on, so each is put back once. Its run waits
    again meanwhile, and whoever had it can't publish it any more.
    """

    def __init__(
        self, database: Database, engine: DBOS, worker_id: str, running: Callable[[], Collection[str]]
    ):
        self._database = database
        self._engine = engine
        self._worker_id = worker_id
        self._running = running
        self._suspects: set[str] = set()

    def look(self) -> list[str]:
        """Put back what has been dropped; return those jobs."""
        taken = {job.workflow_id: job.executor_id for job in _taken_jobs()}
        with self._database.reading() as session:
            living = set(session.scalars(sa.select(Worker.id).where(Worker.stopped_at.is_(None))))
        ours = {job for job, owner in taken.items() if owner == self._worker_id}
        dropped, self._suspects = self._suspects & ours, ours
        for job in self._running():
            dropped.discard(job)
            self._suspects.discard(job)
        dropped |= {job for job, owner in taken.items() if owner not in living}
        resumed = [job for job in sorted(dropped) if self._put_back(job, taken[job])]
        if resumed:
            log.info("jobs_resumed", jobs=resumed)
        return resumed

    def _put_back(self, job: str, owner: str | None) -> bool:
        """Put the job back into its queue if it is still this owner's, and its run if it still has that."""
        if owner is None:
            return False
        with self._database.writing() as session:
            runs = session.scalars(
                sa.select(GradingRun)
                .where(GradingRun.state == RunState.RUNNING, GradingRun.worker_id == owner)
                .order_by(GradingRun.id)
                .with_for_update()
            )
            for run in runs:
                if job_id(run.id, run.tries) == job:
                    run.state, run.worker_id, run.started_at = RunState.QUEUED, None, None
                    session.execute(sa.delete(RunEvent).where(RunEvent.run_id == run.id))
        return self._engine._sys_db.reenqueue_for_recovery(job, [owner], INTERACTIVE)


def give_up_lost_runs(database: Database, queue: JobQueue) -> list[int]:
    """Count a failure of ours in each unfinished run that has no living job; return those runs.

    So such a run is tried again, or ends as a problem; none is left waiting for ever.
    """
    with database.reading() as session:
        unfinished = session.execute(
            sa.select(GradingRun.id, GradingRun.tries, GradingRun.fence).where(
                GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING))
            )
        ).all()
    if not unfinished:
        return []
    living = queue.living_jobs([job_id(run_id, tries) for run_id, tries, _ in unfinished])
    lost = []
    for run_id, tries, fence in unfinished:
        if job_id(run_id, tries) in living:
            continue
        with database.writing() as session:  # the job may have ended well since: then nothing changes
            if record_failure(session, queue, run_id, tries, LOST, fence) is not None:
                log.warning("run_was_lost", run=run_id, tries=tries)
                lost.append(run_id)
    return lost


def _taken_jobs() -> list[WorkflowStatus]:
    return DBOS.list_workflows(status="PENDING", queue_name=list(QUEUES), load_input=False, load_output=False)
