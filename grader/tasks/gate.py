"""The admission gate as a task: a version of a unit's tests, or the files on disk, is proved.

Every hand-in whose verdict is known is graded, in the sandbox that students' work is graded in, one at a
time, so that it keeps no student waiting. The whole gate takes many minutes; a quick one takes few, by
grading only some of the samples, and proves so much less.

    task.arguments   {"with_mnist": whether hand-ins train on MNIST as well, "is_quick": whether only some}
    progress         {"phase": what it is at, "done": cases graded, "total": of so many,
                      "cases": [{"name", "problems"}], the latest first, "with_problems": the same, all}
    result           the admission's report as JSON (grader.judging.admission.AdmissionReport)
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.db.database import Database
from grader.db.models import CourseUnit, Task, UnitVersion
from grader.errors import GraderError, StoppedError
from grader.grading import prepared_sandbox
from grader.judging.admission import Case, CaseReport, admit, make_cases
from grader.judging.samples import load_samples
from grader.settings import Settings
from grader.units import load_unit
from grader.versions.materialising import materialised

REFERENCE_RUNS = 3
QUICK_SHARE = 10  # of the samples of each kind, one in so many
LATEST_CASES = 8
MAX_SHOWN_PROBLEMS = 40


def run(
    database: Database,
    settings: Settings,
    task: Task,
    on_progress: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Run the gate; see `kinds` for the contract, and the module for arguments, progress and result."""
    name, root = _subject(database, settings, task)
    unit = load_unit(name, root)
    folder = settings.units_root / "tests" / "submissions" / name
    samples = load_samples(folder)
    if not samples:
        raise GraderError(f"There are no sample submissions in {folder}: the gate would prove nothing.")
    is_quick = task.arguments.get("is_quick", False)
    cases = make_cases(
        unit,
        samples,
        runs=1 if is_quick else REFERENCE_RUNS,
        with_mnist=task.arguments.get("with_mnist", True),
    )
    if is_quick:
        cases = quick_part(cases)
    telling = _Telling(on_progress, len(cases))
    sandbox = prepared_sandbox(None, settings, telling.on_phase)
    telling.on_phase("Holding the unit's parts against each other")
    report = admit(
        unit,
        samples,
        cases,
        sandbox,
        dataclasses.replace(settings, units_root=root, student_core=_core(settings)),
        telling.on_case,
        at_a_time=1,
        should_stop=should_stop,
    )
    if should_stop():
        raise StoppedError("Nobody waits for this result any more.")
    return report.to_json()


def quick_part(cases: Sequence[Case]) -> list[Case]:
    """Return the first of every QUICK_SHARE cases of each kind: always reference and template."""
    seen: dict[str, int] = {}
    chosen = []
    for case in cases:
        number = seen.get(case.kind, 0)
        seen[case.kind] = number + 1
        if number % QUICK_SHARE == 0:
            chosen.append(case)
    return chosen


class _Telling:
    """Turns the gate's cases into the task's progress."""

    def __init__(self, on_progress: Callable[[dict[str, Any]], None], total: int):
        self._on_progress = on_progress
        self._total = total
        self._phase = ""
        self._done: list[dict[str, Any]] = []

    def on_phase(self, phase: str) -> None:
        """Tell what is being done."""
        self._phase = phase
        self._tell()

    def on_case(self, report: CaseReport) -> None:
        """Tell of a case that has been graded."""
        self._phase = "Grading"
        self._done.append({"name": report.name, "problems": list(report.problems)})
        self._tell()

    def _tell(self) -> None:
        self._on_progress(
            {
                "phase": self._phase,
                "done": len(self._done),
                "total": self._total,
                "cases": self._done[: -LATEST_CASES - 1 : -1],
                "with_problems": [case for case in self._done if case["problems"]][:MAX_SHOWN_PROBLEMS],
            }
        )


def _subject(database: Database, settings: Settings, task: Task) -> tuple[str, Path]:
    """Return the unit's name and the root that its files are below."""
    with database.reading() as session:
        if task.unit_version_id is not None:
            version = session.get_one(UnitVersion, task.unit_version_id)
            return version.unit, materialised(version, settings.data_dir)
        return session.get_one(CourseUnit, task.course_unit_id).unit, settings.units_root


def _core(settings: Settings) -> int:
    """Return the core for timed runs: the one that grading uses last."""
    cores = sorted(os.sched_getaffinity(0))
    others = [core for core in cores if core != settings.student_core]
    return others[0] if others else cores[0]
