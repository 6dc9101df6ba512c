"""A worker whose gradings and tasks are acted: `python -m tests.tasks.acting_worker SLOTS`.

It prints `ready` once it takes work, and logs to stderr. It beats and looks more often than a real one.
"""

import sys

import structlog

from grader.db.models import TaskKind
from grader.jobs import liveness, worker
from grader.settings import load_settings
from grader.tasks import runner
from grader.tasks.kinds import KINDS
from tests.jobs.acting_grader import ActingGrader
from tests.jobs.workers import ACTED_BEAT_S, ACTED_STALE_S

if __name__ == "__main__":
    KINDS[TaskKind.GATE] = "tests.tasks.acted:run"
    liveness.LOOKS_UNTIL_DEAD = round(liveness.LOOKS_UNTIL_DEAD * liveness.BEAT_S / ACTED_BEAT_S)
    liveness.BEAT_S, liveness.STALE_S = ACTED_BEAT_S, ACTED_STALE_S
    runner.POLL_S = ACTED_BEAT_S
    runner.PATIENCE_S = 1.0
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    worker.run_worker(
        load_settings(),
        int(sys.argv[1]),
        on_ready=lambda: print("ready", flush=True),
        make_grader=ActingGrader,
    )
