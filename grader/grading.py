"""Grading from a path, without any service: read, judge in a warm examiner, and hand the result back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from grader.errors import GraderError, RejectedError, UsageError
from grader.judging.events import OnEvent
from grader.judging.job import Job
from grader.judging.pool import ExaminerPool
from grader.judging.provenance import describe_request
from grader.judging.result import GradingResult, Status
from grader.report.json_schema import validate_report
from grader.results.repeating import verdict_differences
from grader.sandbox.selection import choose
from grader.settings import Settings
from grader.submissions.archive import read_submission
from grader.units import Unit, load_unit


def prepared_sandbox(sandbox: str | None, settings: Settings, progress: Callable[[str], None]) -> str:
    """Return the name of the sandbox to grade in, built if it was not; SandboxUnavailable with the fix."""
    backend = choose(sandbox or settings.sandbox, settings)
    if not backend.prepared().ok:
        backend.prepare(progress)
    return backend.name


def make_job(path: Path, unit: Unit, seed: int, *, with_mnist: bool = True) -> Job:
    """Read the hand-in at `path`; RejectedError if intake refuses it."""
    submission = read_submission(path, unit.package, unit.required_files)
    return Job(
        files=dict(submission.files),
        digest=submission.digest,
        seed=seed,
        with_mnist=with_mnist,
        ignored=submission.ignored,
        notes=submission.notes,
        review=submission.review,
    )


def grade_path(
    path: Path,
    unit_name: str,
    sandbox: str | None,
    settings: Settings,
    on_event: OnEvent,
    progress: Callable[[str], None],
    *,
    seed: int,
    with_mnist: bool,
) -> tuple[GradingResult, str]:
    """Grade the hand-in at `path`; return the result, whatever its status, and the unit's title.

    Raises UsageError, and GraderError for problems that come before there is a run to report on.
    """
    unit = load_unit(unit_name, settings.units_root)
    try:
        job = make_job(path, unit, seed, with_mnist=with_mnist)
    except RejectedError as error:
        rejected = GradingResult(
            unit.name,
            Status.REJECTED,
            rejected=tuple(error.rejections),
            provenance=describe_request(unit, seed, with_mnist=with_mnist),
        )
        return rejected, unit.title
    name = prepared_sandbox(sandbox, settings, progress)
    try:
        with ExaminerPool(unit.name, name, settings, refill=False, with_mnist=with_mnist) as pool:
            return pool.grade(job, on_event), unit.title
    except GraderError as error:
        problem = GradingResult(
            unit.name,
            Status.GRADER_PROBLEM,
            problem=str(error),
            provenance={
                **describe_request(unit, seed, with_mnist=with_mnist),
                "submission_digest": job.digest,
                "sandbox": name,
            },
        )
        return problem, unit.title


def read_report(path: Path) -> GradingResult:
    """Read a report of `grader grade --json`; UsageError if it is none."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        validate_report(report)
        return GradingResult.from_json(report)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a report of this grader: {error}") from error


def replay_differences(
    old: GradingResult, path: Path, sandbox: str | None, settings: Settings, progress: Callable[[str], None]
) -> list[str]:
    """Grade `path` with an old report's seed and return one line for each verdict that differs.

    Times are not verdicts. UsageError if the report is of no graded run, or of other code.
    """
    if old.status != Status.GRADED:
        raise UsageError(f"the report's status is {old.status}: there are no verdicts to compare")
    if "seed" not in old.provenance:
        raise UsageError("the report is a student's, which has no seed: take the one for staff")
    unit = load_unit(old.unit, settings.units_root)
    job = make_job(path, unit, old.provenance["seed"], with_mnist=old.provenance["with_mnist"])
    if job.digest != old.provenance["submission_digest"]:
        raise UsageError("the hand-in is not the one that the report is about: its files differ")
    if unit.digest != old.provenance["unit_digest"]:
        progress("Note: the unit's tests have changed since the report was made.")
    name = prepared_sandbox(sandbox or old.provenance["sandbox"], settings, progress)
    with ExaminerPool(unit.name, name, settings, refill=False, with_mnist=job.with_mnist) as pool:
        new = pool.grade(job, lambda _: None)
    return verdict_differences(old, new)
