"""One job from beginning to end: claim the run, grade it, publish the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from dbos import SQLAlchemyDatasource

from grader.db.database import Database
from grader.db.models import GradingRun
from grader.errors import GraderError, StoppedError
from grader.jobs.claiming import Claim, claim, load_job
from grader.jobs.failures import record_failure
from grader.jobs.outages import outlast
from grader.jobs.progress import Progress
from grader.jobs.publishing import publish
from grader.jobs.queue import JobQueue
from grader.judging.events import OnEvent
from grader.judging.job import Job
from grader.judging.result import GradingResult, Status
from grader.unit_cache import current_unit
from grader.units import Unit
from grader.versions.finding import Places, root_for

log = structlog.get_logger("grader.jobs")


class Grader(Protocol):
    """What turns a job into a result. Its methods are called from several threads."""

    sandbox: str  # its name, for people

    def warm(self, units: Iterable[Unit]) -> None:
        """Get ready for these units ahead of time; called once, before anything is graded."""

    def grade(
        self, slot: int, unit: Unit, job: Job, on_event: OnEvent, should_stop: Callable[[], bool]
    ) -> GradingResult:
        """Grade the job in this slot (counted from 0); raises GraderError when the failure is ours.

        Raises StoppedError soon after `should_stop()` has become true, whatever the student's code does.
        """

    def count_warm(self) -> int:
        """Return how many examiners are warm, ready for a job at once. Never waits."""

    def remove_leftovers(self) -> None:
        """Remove what dead workers left behind on this machine."""

    def close(self) -> None:
        """End everything that was made ready."""


class Execution:
    """Carries out jobs for one worker. Only the last part, publishing, is a step that DBOS remembers.

    A job that is resumed claims its run anew, under a higher fence, and is graded from the start.
    """

    def __init__(
        self,
        database: Database,
        datasource: SQLAlchemyDatasource,
        queue: JobQueue,
        grader: Grader,
        places: Places,
        worker_id: str,
    ):
        self._database = database
        self._datasource = datasource
        self._queue = queue
        self._grader = grader
        self._places = places
        self._worker_id = worker_id

    def run(self, slot: int, run_id: int, tries: int) -> str:
        """Carry out the job for this try of the run in this slot; return in a word what came of it."""
        claimed = outlast(lambda: self._claim(run_id, tries))
        if claimed is None:
            log.info("nothing_to_grade", run=run_id)
            return "over"
        bound = log.bind(submission=claimed.submission, run=run_id, fence=claimed.fence)
        bound.info("run_started", unit=claimed.unit, tries=tries, slot=slot)
        try:
            unit = outlast(lambda: self._unit_of(claimed))
            job = outlast(lambda: self._load_job(claimed, unit))
            result = self._grade(slot, unit, job, claimed)
            published = self._publish(claimed, unit, result)
        except StoppedError:
            published = False
        except Exception as error:  # whatever it is, it is not the student's doing
            text = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
            bound.exception("run_failed", problem=text)
            outlast(lambda: self._record_failure(claimed, text))
            return "failed"
        if not published:
            bound.info("run_lost")
            return "lost"
        bound.info("run_graded", score=result.score)
        return "graded"

    def _claim(self, run_id: int, tries: int) -> Claim | None:
        with self._database.writing() as session:
            return claim(session, run_id, tries, self._worker_id)

    def _unit_of(self, claimed: Claim) -> Unit:
        with self._database.reading() as session:
            root = root_for(session, session.get_one(GradingRun, claimed.run_id), self._places)
        return current_unit(claimed.unit, root)

    def _load_job(self, claimed: Claim, unit: Unit) -> Job:
        with self._database.reading() as session:
            return load_job(session, claimed, unit)

    def _grade(self, slot: int, unit: Unit, job: Job, claimed: Claim) -> GradingResult:
        with Progress(self._database, claimed) as progress:
            result = self._grader.grade(slot, unit, job, progress.on_event, progress.is_lost)
        if result.status is not Status.GRADED:
            raise GraderError(result.problem or f"grading ended with status {result.status}")
        if result.provenance["unit_digest"] != unit.digest:  # published, its rules would not be those it met
            raise GraderError(f"The files of unit {unit.name} changed while the run was prepared.")
        return result

    def _publish(self, claimed: Claim, unit: Unit, result: GradingResult) -> bool:
        def publish_run() -> bool:
            return publish(self._datasource.sql_session(), claimed, unit, result)

        return self._datasource.run_tx_step({"name": "publish"}, publish_run)

    def _record_failure(self, claimed: Claim, text: str) -> None:
        with self._database.writing() as session:
            record_failure(session, self._queue, claimed.run_id, claimed.tries, text, claimed.fence)
