"""The pytest plugin: one session of the student's code per test, and a verdict for each.

Theory of operation. Public and hidden tests are plain pytest files in this trusted process.
Around each test the plugin opens a session (a fresh fork of the sandboxed submission), seeds
both sides, lets pytest run the test, ends the session, and decides the outcome from the two
facts it has: the exception the test ended with, and how the session ended. Nothing that the
sandbox says about success is ever read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from grader.errors import GraderError
from grader.judging.causes import outcome_of, outcome_of_import
from grader.judging.evidence import Evidence, Recorder
from grader.judging.messages import (
    BUDGET_USED_UP,
    cause_message,
    failure_message,
    hidden_cause_for_students,
    hidden_failure_for_students,
    import_message,
)
from grader.judging.result import Hint, Outcome, TestResult, Visibility
from grader.judging.seeding import derive_seed, seed_trusted_side, seeding_reported
from grader.judging.spare_memory import spare_memory
from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.ending import Ending
from grader.remote.importing.package import RemotePackage
from grader.remote.importing.session import Session

HIDDEN_PREFIX = "hidden/"


@dataclass(frozen=True)
class TestPlace:
    """Where a test stands: its id, who sees it, its group, and the public tests that its hint explains."""

    __test__ = False

    id: str
    visibility: Visibility
    group: str
    explains: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """How one test ended, in words; `code` is the hint's."""

    outcome: Outcome
    message: str = ""
    code: str | None = None
    message_for_students: str | None = None


class GradingPlugin:
    """Runs collected tests against one submission.

    Arguments: `host` and `package`, the submission; `files`, what was handed in; `limits` per test;
    `total_wall_s`, for all tests together; `seed`, the run's; `place`, which says where a collected test
    stands; `share_points`, which gives every placed test its points; `make_hint`, code → hint;
    `on_result`, told each verdict with the number of tests done and collected.

    `problem` is the failure of ours that stopped the tests, if there was one.
    """

    def __init__(
        self,
        host: StudentHost,
        package: RemotePackage,
        files: Mapping[str, bytes],
        limits: SessionLimits,
        total_wall_s: float,
        seed: int,
        place: Callable[[pytest.Item], TestPlace],
        share_points: Callable[[list[TestPlace]], dict[str, float]],
        make_hint: Callable[[str], Hint],
        on_result: Callable[[TestResult, int, int], None],
    ):
        self.results: list[TestResult] = []
        self.places: list[TestPlace] = []
        self.pictures: dict[str, Any] = {}
        self.collection_errors: list[str] = []
        self.problem: GraderError | None = None
        self._host = host
        self._package = package
        self._files = files
        self._limits = limits
        self._wall_end_s = time.monotonic() + total_wall_s
        self._seed = seed
        self._place = place
        self._share_points = share_points
        self._max_points: dict[str, float] = {}
        self._make_hint = make_hint
        self._on_result = on_result
        self._place_by_nodeid: dict[str, TestPlace] = {}
        self._evidence = Evidence()
        self._recorder = Recorder()
        self._error: BaseException | None = None
        self._skipped = False

    @pytest.fixture
    def hint(self) -> Evidence:
        """Records evidence for hints; see `judging/evidence.py`."""
        return self._evidence

    @pytest.fixture
    def record(self) -> Recorder:
        """Records data for the report's pictures."""
        return self._recorder

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the unit's markers."""
        config.addinivalue_line("markers", "group(name): the points group of a hidden test")
        config.addinivalue_line("markers", "explains(*ids): public tests that this test's hint explains")
        config.addinivalue_line(
            "markers", "exception_codes(*codes): hint codes that an exception may give here"
        )
        config.addinivalue_line("markers", "limits(cpu_s, wall_s): limits of this test")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a test file that can't be collected: that is our failure, not the student's."""
        if report.failed:
            errors = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
            self.collection_errors.append(f"{report.nodeid}: {' '.join(errors) or report.longreprtext}")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Place every test before the first one runs."""
        for item in session.items:
            place = self._place(item)
            self._place_by_nodeid[item.nodeid] = place
            self.places.append(place)
        self._max_points = self._share_points(self.places)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run one test and record its verdict; a failure of ours ends the run."""
        try:
            return (yield from self._examine(item))
        except GraderError as error:
            self.problem = error
            raise

    def _examine(self, item: pytest.Item) -> Generator[None, object, object]:
        """Open a session around one test and decide how it ended."""
        place = self._place_by_nodeid[item.nodeid]
        self._error, self._skipped = None, False
        self._recorder = Recorder()
        marker = item.get_closest_marker("exception_codes")
        self._evidence = Evidence(marker.args if marker else ())
        start_s = time.monotonic()
        if self._package.import_error is not None:
            yield from _not_run(item)
            self._finish(place, self._import_failure(), time.monotonic() - start_s)
            return True
        if start_s > self._wall_end_s:
            yield from _not_run(item)
            self._finish(place, Verdict(Outcome.TIMEOUT, BUDGET_USED_UP), 0.0)
            return True
        session = self._open(item, place)
        try:
            seed_trusted_side(derive_seed(self._seed, place.id, "test"))
            with seeding_reported(lambda seed: session.seed(derive_seed(self._seed, "student", seed))):
                answer = yield
        finally:
            ending = self._host.end_session(session)
        # Whatever the student's code made of an assertion of the test's: it has failed.
        self._error = self._error or session.own_errors.unreturned_assertion
        self._finish(place, self._verdict(item, ending, place), time.monotonic() - start_s)
        return answer

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Leave memory for what follows; fixtures may use the student's code."""
        with spare_memory():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Leave memory for what follows, whatever the test is answered."""
        with spare_memory():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the first exception of a test, whichever phase it came from."""
        report = yield
        if report.skipped:
            self._skipped = True
        elif call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        return report

    def _open(self, item: pytest.Item, place: TestPlace) -> Session:
        limits = self._limits
        marker = item.get_closest_marker("limits")
        if marker is not None:
            limits = replace(limits, **marker.kwargs)
        return self._host.open_session(limits, derive_seed(self._seed, place.id, "student"))

    def _verdict(self, item: pytest.Item, ending: Ending, place: TestPlace) -> Verdict:
        error, is_hidden = self._error, place.visibility == Visibility.HIDDEN
        if isinstance(error, GraderError):
            raise error
        if self._skipped:
            return Verdict(Outcome.SKIPPED)
        outcome = outcome_of(error, ending)
        self.pictures |= self._recorder.pictures
        if outcome == Outcome.PASSED:
            return Verdict(outcome)
        if outcome == Outcome.FAILED and error is not None:
            return Verdict(
                outcome,
                failure_message(error, place.visibility),
                self._evidence.code_for(error),
                hidden_failure_for_students(error, item.path.parent.resolve(), self._files)
                if is_hidden
                else None,
            )
        return Verdict(
            outcome,
            cause_message(outcome, ending),
            message_for_students=hidden_cause_for_students(outcome, ending) if is_hidden else None,
        )

    def _import_failure(self) -> Verdict:
        error = self._package.import_failure()
        outcome = outcome_of_import(self._package.import_cut_short)
        return Verdict(outcome, import_message(error), self._evidence.code_for(error))

    def _finish(self, place: TestPlace, verdict: Verdict, duration_s: float) -> None:
        max_points = self._max_points[place.id]
        result = TestResult(
            id=place.id,
            visibility=place.visibility,
            group=place.group,
            outcome=verdict.outcome,
            points=max_points if verdict.outcome == Outcome.PASSED else 0.0,
            max_points=max_points,
            message=verdict.message,
            hint=None if verdict.code is None else self._make_hint(verdict.code),
            duration_s=round(duration_s, 3),
            message_for_students=verdict.message_for_students,
        )
        self.results.append(result)
        self._on_result(result, len(self.results), len(self.places))


def _not_run(item: pytest.Item) -> Iterator[None]:
    """Let pytest go through the motions without the test's body."""
    item.obj = lambda *_, **__: None  # type: ignore[attr-defined]
    yield
