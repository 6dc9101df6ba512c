"""What a push shows behind `remote:` while its submission is graded: the same facts as the page, as lines.

All has gone through `grader.results`, so of hidden tests students see here what they see there. A test that
finishes between two looks is shown once the report is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import GradingRun, RunState, Submission
from grader.jobs.queue_position import queue_position
from grader.judging.result import GradingResult, MnistResult, TestResult
from grader.report import numbers, summary, words
from grader.report.text import clean_line
from grader.results.live import live_of
from grader.results.reports import shown_report, standing_run
from grader.results.visibility import Filter

LONGEST_NAME = 70
ENDS = {
    RunState.PROBLEM: "The grader failed. Your attempt was given back, and the staff know.",
    RunState.CANCELLED: "The grading was cancelled.",
    RunState.SUPERSEDED: "A newer hand-in of yours has taken this one's place; its attempt was given back.",
}
WITHHELD = "Graded. Your staff release the grades of this unit later."
_ASCII = str.maketrans({"−": "-", "–": "-", "—": "-", "×": "x", "’": "'", "“": '"', "”": '"', "…": "..."})


def plain(line: str) -> str:
    """Return the line in characters that any terminal shows."""
    return clean_line(line).translate(_ASCII)


@dataclass
class LiveLines:
    """Follows one submission; `look` as often as you like until `is_over`."""

    database: Database
    public_id: str
    allowed: Filter
    is_over: bool = False
    is_waiting: bool = False
    _said: str = ""
    _fence: int = 0
    _shown: set[tuple[str, str]] = field(default_factory=set)
    _epochs: int = 0

    def look(self) -> list[str]:
        """Return the lines that tell what has happened since the last look."""
        with self.database.reading() as session:
            submission = session.query(Submission).filter_by(public_id=self.public_id).one()
            run = standing_run(session, submission.id)
            self.is_waiting = run.state is RunState.QUEUED
            if self.is_waiting:
                return list(self._changed(_waiting(session, run)))
            self.allowed = self.allowed.still(submission.course_unit)
            if run.state is RunState.RUNNING:
                return list(self._running(session, run))
            self.is_over = True
            if run.state is not RunState.GRADED:
                return [ENDS[run.state]]
            if self.allowed.withheld:
                return [WITHHELD]
            result = shown_report(session, run, self.allowed)
            return [] if result is None else [*self._rest(result), *result_lines(result)]

    def _changed(self, line: str) -> Iterator[str]:
        if line and line != self._said:
            self._said = line
            yield line

    def _running(self, session: Session, run: GradingRun) -> Iterator[str]:
        if run.fence != self._fence:
            if self._fence:
                yield "The grading begins anew: its worker was restarted."
                self._shown.clear()
            self._fence, self._epochs = run.fence, 0
        if self.allowed.withheld:
            yield from self._changed("Being graded. Your staff release the grades of this unit later.")
            return
        live = live_of(session, run, self.allowed)
        for test in live.tests:
            yield from self._test(test.group, test.group_title, test.name, test.outcome_words)
        yield from self._changed(plain(live.phase))
        for number, epoch in enumerate(live.epochs[self._epochs :], start=self._epochs + 1):
            yield (
                f"  epoch {number} of {live.epochs_total}: "
                f"accuracy {numbers.percent(epoch.val_accuracy).translate(_ASCII)}"
            )
        self._epochs = len(live.epochs)

    def _test(self, group: str, title: str, name: str, outcome: str) -> Iterator[str]:
        if (group, name) not in self._shown:
            self._shown.add((group, name))
            yield f"  {outcome:<6}  {plain(title)}: {plain(name)[:LONGEST_NAME]}"

    def _rest(self, result: GradingResult) -> Iterator[str]:
        """Yield the tests that finished unseen."""
        for test in result.tests:
            yield from self._test(
                test.group, words.group_title(test.group), words.test_name(test), _outcome(test)
            )


def result_lines(result: GradingResult) -> list[str]:
    """Return the lines that sum up a report that may be shown."""
    lines = ["", plain(summary.headline(result))]
    for group in summary.groups(result):
        lines.append(f"  {plain(group.title):<28} {plain(group.tally)}")
    if result.mnist is not None:
        lines.append(_mnist(result.mnist))
    for fix in summary.fixes(result)[:1]:
        lines.append(f"To fix first: {plain(fix.hint.text)}")
    lines.append(plain(f"Score: {numbers.points(result.score)} of {numbers.points(result.max_score)}"))
    return lines


def _mnist(mnist: MnistResult) -> str:
    if not summary.is_finished(mnist):
        return f"MNIST: {words.OUTCOME_WORDS[mnist.outcome]}"
    return plain(
        f"MNIST: accuracy {numbers.percent(mnist.accuracy)} "
        f"({numbers.percent(mnist.threshold)} is asked for), "
        f"time {numbers.seconds(mnist.cpu_s)}, {numbers.ratio(mnist.ratio)} the reference's "
        f"({mnist.max_ratio:g} × at most)"
    )


def _outcome(test: TestResult) -> str:
    return words.OUTCOME_WORDS[test.outcome]


def _waiting(session: Session, run: GradingRun) -> str:
    position = queue_position(session, run)
    if position.position == 1:
        return "Waiting to be graded: you are next."
    return f"Waiting to be graded: {words.count(position.position - 1, 'hand-in')} before yours."


def handed_in_lines(
    number: int, is_late: bool, is_repeat: bool, left: int | None, page: str
) -> Sequence[str]:
    """Return the first lines: which submission the push has become, and where to see it."""
    if is_repeat:
        return [f"This commit was handed in before, as number {number}.", page]
    late = "late" if is_late else "in time"
    attempts = "" if left is None else f" {words.count(left, 'attempt')} left."
    return [f"Handed in as number {number}, {late}.{attempts}", page]
