"""Finding work that has been dropped, and picking it up again.

Both functions look at what is there and may be cut off anywhere or run in several workers at once.
"""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from dbos import DBOS
from dbos._recovery import recover_pending_workflows

from grader.db.database import Database
from grader.db.models import GradingRun, RunState, Worker
from grader.jobs.engine import QUEUES, job_id
from grader.jobs.failures import record_failure
from grader.jobs.queue import JobQueue

log = structlog.get_logger("grader.jobs")

LOST = "The job was lost: its workers died again and again, or its entry in the queue is gone."


def resume_jobs_of_dead_workers(database: Database, engine: DBOS) -> int:
    """Put jobs that dead workers had taken back into their queues; return how many.

    A job that has been taken anew belongs to a living worker and is left alone, so each is resumed once.
    """
    owners = {
        job.executor_id
        for job in DBOS.list_workflows(
            status="PENDING", queue_name=list(QUEUES), load_input=False, load_output=False
        )
        if job.executor_id is not None
    }
    with database.reading() as session:
        living = set(session.scalars(sa.select(Worker.id).where(Worker.stopped_at.is_(None))))
    if not owners - living:
        return 0
    resumed = recover_pending_workflows(engine, sorted(owners - living))
    log.info("jobs_resumed", jobs=[job.workflow_id for job in resumed])
    return len(resumed)


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
