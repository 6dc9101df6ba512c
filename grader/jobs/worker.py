"""The worker process: takes runs, looks after the other workers' leavings, and ends in good order.

SIGTERM or SIGINT: it takes no more runs, finishes those that it has, and ends. A second one, or ten
minutes without an end, ends it at once; whatever it had is resumed by another worker. Ending at once
needs no tidying up: examiners and sandboxes notice that their worker is gone, as after kill -9.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa
import structlog
from dbos import DBOS

from grader.db.database import Database, open_database
from grader.db.models import CourseUnit
from grader.errors import UnitError
from grader.jobs import couriers, liveness
from grader.jobs.dispatcher import Dispatcher
from grader.jobs.engine import MAX_RECOVERIES, WORKFLOW, configuration, open_datasource
from grader.jobs.execution import Execution, Grader
from grader.jobs.outages import outlast
from grader.jobs.queue import JobQueue
from grader.jobs.reconciliation import Resumption, give_up_lost_runs
from grader.jobs.retention import forget_finished_jobs, forget_rows
from grader.jobs.stop_requests import StopRequests
from grader.regrades import feeding as regrades
from grader.settings import Settings
from grader.similarity.asking import start_due_checks
from grader.tasks.runner import TaskRunner, put_back_dropped_tasks
from grader.unit_cache import current_unit
from grader.units import Unit
from grader.versions.finding import root_for

log = structlog.get_logger("grader.jobs")

DRAIN_S = 600.0
RECONCILE_S = 10.0
FORGET_S = 3600.0
DUE_S = 60.0
TASK_S = 60.0  # for a task's process to end and the task to be put back
ENDED_AT_ONCE = 1  # exit code


def run_worker(
    settings: Settings,
    slots: int,
    on_ready: Callable[[], None] | None = None,
    make_grader: Callable[[Settings, int], Grader] | None = None,
) -> None:
    """Grade what is in the queues, `slots` runs at a time, until SIGTERM or SIGINT; then finish and return.

    Must be called in the main thread, once per process. All tables are there already, also the job engine's:
    none is changed. `on_ready` is called once the worker takes runs. Ends the process with code 1 if it
    can't end in good order, or if the other workers took it for dead. `make_grader` may replace the warm
    examiners, which raise SandboxUnavailable if student code can't be run safely here.
    """
    if make_grader is None:
        from grader.jobs.examiners import Examiners  # brings torch

        make_grader = Examiners
    with StopRequests() as stop:
        database = open_database(settings.database)
        grader = make_grader(settings, slots)
        grader.remove_leftovers()
        worker = Worker(settings, database, grader, slots)
        worker.start()
        if on_ready is not None:
            on_ready()
        stop.wait(1)
        worker.drain(stop)
        database.close()


class Worker:
    """One worker's parts, and the two threads that keep it and the others going."""

    def __init__(self, settings: Settings, database: Database, grader: Grader, slots: int):
        self.id = secrets.token_hex(8)
        self._settings = settings
        self._database = database
        self._grader = grader
        self._slots = slots
        self._queue = JobQueue(settings.database)
        self._ended = threading.Event()
        self._engine = DBOS(config=configuration(settings.database, self.id))
        execution = Execution(
            database,
            open_datasource(settings.database, database.engine),
            self._queue,
            grader,
            settings,
            self.id,
        )
        self._pulse = liveness.Pulse()
        self._dispatcher = Dispatcher(
            self._engine, database, execution, self.id, slots, may_take=lambda: not self._pulse.is_stale()
        )
        self._couriers = couriers.couriers_of(settings, database, self._queue)
        self._tasks = TaskRunner(database, settings, self.id, may_take=lambda: not self._pulse.is_stale())

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
        def grade_run(run_id: int, tries: int) -> str:
            return self._dispatcher.run_job(run_id, tries)

    def start(self) -> None:
        """Begin to live and to take runs."""
        self._grader.warm(self._published_units())
        liveness.enter(self._database, self.id, self._slots, self._grader.sandbox)
        DBOS.listen_queues([])  # the dispatcher does
        DBOS.launch()
        for act in (self._live, self._keep):
            threading.Thread(target=act, name=act.__name__.strip("_"), daemon=True).start()
        self._dispatcher.start()
        self._couriers.start()
        self._tasks.start()
        log.info("worker_started", worker=self.id, slots=self._slots, sandbox=self._grader.sandbox)

    def drain(self, stop: StopRequests) -> None:
        """Finish the runs that are under way, and end; end at once if asked again or if it takes too long."""
        log.info("worker_draining", worker=self.id)
        self._tasks.stop_taking()
        self._dispatcher.stop_taking()
        if not self._outwait(self._dispatcher.is_idle, DRAIN_S, stop):
            self._end_at_once("not drained")
        self._couriers.stop_taking()
        self._outwait(self._couriers.is_idle, couriers.PATIENCE_S, stop)
        self._outwait(self._tasks.is_idle, TASK_S, stop)
        self._ended.set()
        self._grader.close()
        DBOS.destroy()
        self._queue.close()
        outlast(lambda: liveness.mark_stopped(self._database, self.id))
        log.info("worker_ended", worker=self.id)

    def _outwait(self, is_idle: Callable[[], bool], patience_s: float, stop: StopRequests) -> bool:
        """Wait until nothing is under way; False if that takes too long. End at once if asked again."""
        deadline = time.monotonic() + patience_s
        while not is_idle():
            if stop.wait(2, timeout_s=0.05):
                self._end_at_once("asked again")
            if time.monotonic() > deadline:
                return False
        return True

    def _live(self) -> None:
        """Beat, and bury those whose heart stands still."""
        watch = liveness.Watch(self._database, self.id)
        while not self._ended.is_set():
            try:
                begun_s = time.monotonic()
                if not liveness.beat(self._database, self.id, self._grader.count_warm()):
                    self._end_at_once("taken for dead by another worker")
                self._pulse.beaten_s = begun_s
                for dead in watch.look():
                    if liveness.mark_stopped(self._database, dead):
                        log.warning("worker_is_dead", worker=dead)
            except Exception as error:  # the database is away: the next beat may succeed
                log.warning("heart_missed_a_beat", error=str(error))
            self._ended.wait(liveness.BEAT_S)

    def _keep(self) -> None:
        """Pick up dropped work and forget old things, each in its own time."""
        resumption = Resumption(self._database, self._engine, self.id, self._dispatcher.running)
        chores: list[tuple[Callable[[], object], float]] = [
            (resumption.look, liveness.BEAT_S),
            (lambda: regrades.advance(self._database, self._queue, self._settings), liveness.BEAT_S),
            (lambda: give_up_lost_runs(self._database, self._queue), RECONCILE_S),
            (lambda: put_back_dropped_tasks(self._database), liveness.BEAT_S),
            (lambda: start_due_checks(self._database), DUE_S),
            (lambda: forget_rows(self._database), FORGET_S),
            (forget_finished_jobs, FORGET_S),
            (self._grader.remove_leftovers, FORGET_S),
        ]
        due_at = [0.0] * len(chores)
        while not self._ended.is_set():
            for number, (chore, pause_s) in enumerate(chores):
                if time.monotonic() < due_at[number]:
                    continue
                try:
                    chore()
                except Exception:  # it comes round again
                    log.exception("chore_failed")
                due_at[number] = time.monotonic() + pause_s
            self._ended.wait(liveness.BEAT_S)

    def _published_units(self) -> Iterator[Unit]:
        with self._database.reading() as session:
            course_units = session.scalars(sa.select(CourseUnit).where(CourseUnit.is_published))
            roots = set()
            for course_unit in course_units.all():
                try:
                    root = root_for(session, course_unit, self._settings)
                    if (course_unit.unit, root) not in roots:
                        yield current_unit(course_unit.unit, root)
                except UnitError as error:
                    log.error("unit_is_broken", unit=course_unit.unit, error=str(error))
                else:
                    roots.add((course_unit.unit, root))

    def _end_at_once(self, reason: str) -> None:
        log.error("worker_ends_at_once", worker=self.id, reason=reason)
        os._exit(ENDED_AT_ONCE)
