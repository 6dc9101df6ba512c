"""`grader unit check`: the admission gate, which proves a unit's tests before they are published.

Theory of operation. First the unit's parts are held against each other by reading. Then everything
whose verdict is known beforehand is graded for real, two at a time, in warm single-use examiners: the
reference with several seeds (full marks), the template (none), and every sample submission (as its case
says). A case that goes otherwise is a problem of the tests, not of the sample, and so is a failure
of the grader. MNIST, which takes seconds, is run where the verdict depends on it: see `needs_mnist`.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.errors import GraderError, RejectedError, StoppedError, UsageError
from grader.grading import make_job
from grader.judging import admission_rules as rules
from grader.judging.admission_output import AdmissionOutput
from grader.judging.agreement import agreement_problems
from grader.judging.pool import ExaminerPool
from grader.judging.result import GradingResult, Status
from grader.judging.samples import Sample, load_samples
from grader.judging.seeding import derive_seed
from grader.settings import Settings
from grader.units import Unit, load_unit

AT_A_TIME = 2
MAX_FAILURES = 5  # of the grader, one after the other: the next case would fail in the same way
REFERENCE, TEMPLATE = "reference", "template"


@dataclass(frozen=True)
class Case:
    """A hand-in whose verdict is known: how to lay it in a folder, and what is wrong with its result."""

    name: str
    kind: str
    with_mnist: bool
    lay_in: Callable[[Path], Path]
    problems: Callable[[GradingResult], list[str]]


@dataclass(frozen=True)
class CaseReport:
    """What grading one case gave, and the problems with that; `score` is None if it was not graded."""

    name: str
    kind: str
    with_mnist: bool
    status: Status
    score: float | None
    full_marks: float
    hints: tuple[str, ...]
    problems: tuple[str, ...]
    duration_s: float


@dataclass(frozen=True)
class AdmissionReport:
    """All the gate found out about a unit: disagreements between its parts, and each case's report."""

    unit: str
    unit_digest: str
    sandbox: str
    disagreements: tuple[str, ...]
    cases: tuple[CaseReport, ...]

    @property
    def admitted(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.disagreements and not any(case.problems for case in self.cases)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain lists, dicts, strings and numbers."""
        return {"admitted": self.admitted, **asdict(self)}


def check_unit(
    unit_name: str,
    sandbox: str,
    settings: Settings,
    console: Console,
    *,
    runs: int,
    only: str | None,
    with_mnist: bool,
) -> bool:
    """Run the gate and show it; True if the unit may be published.

    `runs` is how often the reference is graded, each time with another seed; `only` leaves out every case
    whose name does not contain it. The report is kept in data_dir/admission. Raises UnitError if the
    unit can't be read, UsageError if `only` fits nothing.
    """
    unit = load_unit(unit_name, settings.units_root)
    samples = load_samples(settings.units_root / "tests" / "submissions" / unit_name)
    cases = [
        case
        for case in make_cases(unit, samples, runs=runs, with_mnist=with_mnist)
        if only is None or only in case.name
    ]
    if not cases:
        raise UsageError(f"no case of the unit {unit_name} has {only!r} in its name")
    with AdmissionOutput(console, len(cases)) as output:
        report = admit(unit, samples, cases, sandbox, settings, output.on_case)
        output.show(report.disagreements, report.cases)
    path = settings.data_dir / "admission" / f"{unit_name}-{sandbox}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report.to_json(), indent=2), encoding="utf-8")
    console.print(f"The whole report: {path}", soft_wrap=True)
    return report.admitted


def make_cases(unit: Unit, samples: Sequence[Sample], *, runs: int, with_mnist: bool) -> list[Case]:
    """Return all cases of a unit; without MNIST, those that nothing else can judge are left out."""
    cases = [
        Case(
            f"{REFERENCE}/{run}", REFERENCE, with_mnist, lambda _: unit.reference, rules.problems_of_reference
        )
        for run in range(1, runs + 1)
    ]
    template_problems = partial(rules.problems_of_template, unit)
    cases.append(Case(TEMPLATE, TEMPLATE, with_mnist, lambda _: unit.template, template_problems))
    cases += [
        Case(
            sample.name,
            sample.kind,
            with_mnist and rules.needs_mnist(sample),
            partial(_lay_sample, sample, unit.reference),
            partial(rules.problems_of, sample),
        )
        for sample in samples
        if with_mnist or not rules.is_about_mnist_alone(sample)
    ]
    return cases


def _lay_sample(sample: Sample, reference: Path, folder: Path) -> Path:
    sample.write_to(folder, reference)
    return folder


def admit(
    unit: Unit,
    samples: Sequence[Sample],
    cases: Sequence[Case],
    sandbox: str,
    settings: Settings,
    on_case: Callable[[CaseReport], None],
    *,
    at_a_time: int = AT_A_TIME,
    should_stop: Callable[[], bool] = lambda: False,
) -> AdmissionReport:
    """Hold the unit's parts against each other and grade every case; `on_case` hears of each in turn.

    The unit is read below settings.units_root. Soon after `should_stop()` has
    become true, StoppedError is raised.
    """
    disagreements = agreement_problems(unit, samples, settings.units_root)
    reports: dict[str, CaseReport] = {}
    for with_mnist in (True, False):  # examiners that need no MNIST warm up in half the time
        some = [case for case in cases if case.with_mnist is with_mnist]
        if some:
            with ExaminerPool(unit.name, sandbox, settings, at_a_time, with_mnist=with_mnist) as pool:
                grade = partial(_grade, pool, unit, should_stop)
                reports |= {report.name: report for report in _graded(grade, some, on_case, at_a_time)}
    ordered = tuple(reports[case.name] for case in cases)
    return AdmissionReport(unit.name, unit.digest, sandbox, tuple(disagreements), ordered)


def _graded(
    grade: Callable[[Case], CaseReport],
    cases: Sequence[Case],
    on_case: Callable[[CaseReport], None],
    at_a_time: int,
) -> Iterator[CaseReport]:
    threads = ThreadPoolExecutor(at_a_time)
    failures = 0
    try:
        for done in as_completed([threads.submit(grade, case) for case in cases]):
            report = done.result()
            on_case(report)
            failures = failures + 1 if report.status is Status.GRADER_PROBLEM else 0
            if failures == MAX_FAILURES:
                raise GraderError(f"stopped, as the grader itself failed on {failures} cases in a row")
            yield report
    finally:
        threads.shutdown(cancel_futures=True)


def _grade(pool: ExaminerPool, unit: Unit, should_stop: Callable[[], bool], case: Case) -> CaseReport:
    start_s = time.monotonic()
    seed = derive_seed(0, case.name) % 2**53  # the same in every run of the gate; JSON keeps 53 bits
    with tempfile.TemporaryDirectory(prefix="grader-admission-") as scratch:
        try:
            job = make_job(case.lay_in(Path(scratch) / "hand-in"), unit, seed, with_mnist=case.with_mnist)
            result = pool.grade(job, lambda _: None, should_stop=should_stop)
        except StoppedError:
            raise
        except RejectedError as error:
            result = GradingResult(unit.name, Status.REJECTED, rejected=tuple(error.rejections))
        except GraderError as error:
            result = GradingResult(unit.name, Status.GRADER_PROBLEM, problem=str(error))
    return CaseReport(
        name=case.name,
        kind=case.kind,
        with_mnist=case.with_mnist,
        status=result.status,
        score=result.score,
        full_marks=round(rules.full_marks(result), 2),
        hints=tuple(rules.hints_of(result)),
        problems=tuple(case.problems(result)),
        duration_s=round(time.monotonic() - start_s, 2),
    )
