"""What tests of jobs ask the service: to accept a hand-in, and how a run is doing."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, Course, GradingRun, RunReport, RunState, Source, Submission, User
from grader.jobs.queue import JobQueue
from grader.settings import CHECKOUT
from grader.submissions.accept import Upload, accept
from tests.jobs.hand_ins import make_hand_in
from tests.jobs.workers import wait_until
from tests.people import World


@dataclass(frozen=True)
class Service:
    database: Database
    queue: JobQueue
    world: World

    def hand_in(self, user: User | None = None, **part: Any) -> int:
        """Accept a hand-in with this part for the acting grader, Ada's by default; return its run."""
        upload = Upload(make_hand_in(**part), "nn.zip", Source.WEB)
        user = user or self.world.ada
        accepted = accept(self.database, self.queue, CHECKOUT, self.world.unit.id, user.id, upload)
        with self.database.reading() as session:
            return session.scalars(
                sa.select(GradingRun.id)
                .join(Submission, GradingRun.submission_id == Submission.id)
                .where(Submission.public_id == accepted.public_id)
            ).one()

    def run(self, run_id: int) -> GradingRun:
        with self.database.reading() as session:
            return session.get_one(GradingRun, run_id)

    def submission(self, run_id: int) -> Submission:
        with self.database.reading() as session:
            return session.get_one(Submission, session.get_one(GradingRun, run_id).submission_id)

    def states(self, run_ids: list[int]) -> list[RunState]:
        return [self.run(run_id).state for run_id in run_ids]

    def wait_for(self, run_id: int, *states: RunState) -> GradingRun:
        """Wait until the run is in one of these states."""
        wait_until(lambda: self.run(run_id).state in states, f"run {run_id} is {' or '.join(states)}")
        return self.run(run_id)

    def reports(self, run_id: int) -> list[dict[str, Any]]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(RunReport.report).where(RunReport.run_id == run_id)))

    def audit(self, run_id: int) -> list[str]:
        """The acts on the run's submission, in their order."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    sa.select(AuditEvent.action)
                    .where(AuditEvent.submission_id == session.get_one(GradingRun, run_id).submission_id)
                    .order_by(AuditEvent.id)
                )
            )


def keep_what_waits(service: Service) -> None:
    """Let newer hand-ins of the course wait behind the older ones instead of taking their places."""
    with service.database.writing() as session:
        session.get_one(Course, service.world.course.id).supersedes_queued = False
