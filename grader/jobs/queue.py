"""The queue as the rest of the service sees it: adding, replacing and cancelling runs."""

from __future__ import annotations

from dbos import DBOSClient, WorkflowSerializationFormat
from dbos import EnqueueOptions as Options
from sqlalchemy.orm import Session

from grader.db.models import GradingRun, RunReason, User
from grader.jobs import cancellation
from grader.jobs.engine import INTERACTIVE, REGRADE, VERSION, WORKFLOW, job_id, open_client
from grader.jobs.priority import priority_of


class JobQueue:
    """Where runs wait for a worker. Threads may share one; `close` it when done.

    `prepare_job_tables` must have been run on the database before a run is added.
    """

    def __init__(self, url: str):
        self._client: DBOSClient = open_client(url)

    def add(self, session: Session, run: GradingRun, *, delay_s: float = 0.0) -> None:
        """Add the job of the run's current try to the session's transaction, to begin after `delay_s`."""
        if run.reason is RunReason.SUBMISSION:
            run.priority = priority_of(session, run)
        else:  # what staff ask for one by one goes before what they regrade by the hundred
            run.priority = 1 if run.regrade_id is None else 2
        session.flush()
        options: Options = {
            "workflow_name": WORKFLOW,
            "workflow_id": job_id(run.id, run.tries),
            "queue_name": INTERACTIVE if run.reason is RunReason.SUBMISSION else REGRADE,
            "app_version": VERSION,
            "priority": run.priority,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        if delay_s > 0:
            options["delay_seconds"] = delay_s
        self._client.enqueue_in_transaction(session, options, run.id, run.tries)

    def supersede(self, session: Session, course_unit_id: int, user_id: int, *, by: str) -> None:
        """Take the student's submissions of the unit that still wait out of the queue, for a newer one.

        Their attempts are given back; `by` is the newer one's public id.
        """
        cancellation.supersede(session, course_unit_id, user_id, by)

    def cancel(
        self, session: Session, run: GradingRun, actor: User | None = None, address: str | None = None
    ) -> bool:
        """End a run that waits or runs, for `actor` at `address`; return False if it was over already.

        One that still waited gives its attempt back. One that runs is stopped by its worker within
        moments; whatever it finds out until then counts for nothing.
        """
        return cancellation.cancel(session, run, actor, address)

    def living_jobs(self, names: list[str]) -> set[str]:
        """Return those of the jobs named that wait or run."""
        found = self._client.list_workflows(
            workflow_ids=names,
            status=["ENQUEUED", "DELAYED", "PENDING"],
            load_input=False,
            load_output=False,
        )
        return {job.workflow_id for job in found}

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
