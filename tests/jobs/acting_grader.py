"""A worker of its own process, real but for the grading, which is acted as each hand-in says.

`python -m tests.jobs.acting_grader SLOTS`, with the settings in the environment. It prints `ready` once it
takes runs, and logs to stderr; pauses before other tries and between looks are short. A hand-in's part:

    {"sleep_s": seconds to take,
     "wait_for": path of a file to wait for,
     "problem": text of a failure of ours,
     "on_calls": [1, 3]: fail only when the hand-in is graded the first and the third time,
     "bug": true for an exception that nobody expects,
     "unit_digest": that of other files that the examiner read, on the calls of "on_calls",
     "result": a name in tests.cast.CAST, the reference otherwise}
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import structlog

from grader.errors import GraderError, StoppedError
from grader.jobs import failures, liveness, worker
from grader.judging.events import OnEvent, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.job import Job
from grader.judging.result import GradingResult
from grader.settings import Settings, load_settings
from grader.units import Unit
from tests import cast
from tests.jobs.hand_ins import PART
from tests.jobs.workers import ACTED_BEAT_S, ACTED_RECONCILE_S, ACTED_STALE_S

LOOK_S = 0.01


class ActingGrader:
    """Does what the hand-in's part says."""

    sandbox = "none"

    def __init__(self, settings: Settings, slots: int):
        self._calls: dict[str, int] = {}

    def warm(self, units: Iterable[Unit]) -> None:
        self.units = [unit.name for unit in units]

    def grade(
        self, slot: int, unit: Unit, job: Job, on_event: OnEvent, should_stop: Callable[[], bool]
    ) -> GradingResult:
        part = json.loads(job.files[PART])
        calls = self._calls[job.digest] = self._calls.get(job.digest, 0) + 1
        result = cast.CAST[part.get("result", "reference")]()
        is_one_of_these = calls in part.get("on_calls", [calls])
        digest = part["unit_digest"] if "unit_digest" in part and is_one_of_these else unit.digest
        result = replace(result, provenance={**result.provenance, "unit_digest": digest})
        on_event(PhaseStarted("public", "Public tests"))
        test = result.tests[0]
        on_event(TestFinished(test, 1, len(result.tests)))
        deadline = time.monotonic() + part.get("sleep_s", 0.0)
        while time.monotonic() < deadline or ("wait_for" in part and not Path(part["wait_for"]).exists()):
            if should_stop():
                raise StoppedError("Nobody waits for this result any more.")
            time.sleep(LOOK_S)
        if "bug" in part:
            raise ZeroDivisionError("the grader has a bug")
        if "problem" in part and is_one_of_these:
            raise GraderError(part["problem"])
        on_event(PhaseFinished("public", 0.1))
        return result

    def count_warm(self) -> int:
        return 0

    def remove_leftovers(self) -> None:
        pass

    def close(self) -> None:
        pass


if __name__ == "__main__":
    failures.PAUSES_S = tuple(0.1 for _ in failures.PAUSES_S)
    liveness.LOOKS_UNTIL_DEAD = round(liveness.LOOKS_UNTIL_DEAD * liveness.BEAT_S / ACTED_BEAT_S)
    liveness.BEAT_S, liveness.STALE_S = ACTED_BEAT_S, ACTED_STALE_S
    worker.RECONCILE_S = ACTED_RECONCILE_S
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    worker.run_worker(
        load_settings(),
        int(sys.argv[1]),
        on_ready=lambda: print("ready", flush=True),
        make_grader=ActingGrader,
    )
