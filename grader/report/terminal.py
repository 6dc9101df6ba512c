"""The terminal report, and the progress before it.

On a terminal, progress is one live line; elsewhere (a pipe, a CI log, `TERM=dumb`) it is a
plain line at the end of each phase and epoch. With `--json -` the caller gives a console on
stderr, so that stdout holds JSON alone. A message that says `[red]` shows as `[red]`, and where
the stream can't encode a character (`✓` on an old Windows console), a plain one takes its place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.text import Text

from grader.judging.events import EpochFinished, Event, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.result import Epoch, GradingResult, Hint, MnistResult, Outcome, Status, TestResult
from grader.report import numbers, summary, text, words
from grader.report.lines import Lines

_BAR_CELLS = 20
_MESSAGE_CHARS, _MESSAGE_LINES = 600, 6
_MAX_LISTED = 20
_SPARKS = "▁▂▃▄▅▆▇█"


class TerminalReport:
    """Shows progress as events come in, then the report. Use it as a context manager around the run."""

    def __init__(self, console: Console):
        self._console = console
        self._lines = Lines(console)
        self._live = console.is_terminal and not console.is_dumb_terminal and self._lines.encodes_all
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._phase = PhaseStarted("", "")
        self._passed = self._finished = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_progress()

    def on_event(self, event: Event) -> None:
        """Show one step of the run."""
        if isinstance(event, PhaseStarted):
            self._phase, self._passed, self._finished = event, 0, 0
            self._show_progress(0, None, "")
        elif isinstance(event, TestFinished):
            self._finished += 1
            self._passed += event.result.outcome is Outcome.PASSED
            self._show_progress(event.done, event.total, _test_name(event.result))
        elif isinstance(event, EpochFinished):
            self._show_progress(event.epoch, event.of, "")
            self._print(Text(f"  epoch {event.epoch} of {event.of}: {_epoch_words(event)}", style="dim"))
        else:
            self._finish_phase(event)

    def print_report(self, result: GradingResult) -> None:
        """Print the whole result, readable at 80 columns."""
        self._stop_progress()
        self._print_score(result)
        self._print_groups(summary.groups(result))
        self._print_fixes(result)
        told = self._print_failures(result)
        if result.mnist is not None:
            self._print_mnist(result.mnist, told)
        flags = [(_place(flag.file, flag.line), flag.text) for flag in result.review]
        self._print_places("For review", flags)
        self._print_places("What to change", [(each.path, each.text) for each in result.rejected])
        if result.problem:
            self._heading("What happened")
            self._print(Text(text.clean(result.problem, _MESSAGE_CHARS, _MESSAGE_LINES)), indent=2)
        self._print_places("About your hand-in", [("", note) for note in result.notes])
        if result.ignored:
            files = words.count(len(result.ignored), "file")
            named = ", ".join(text.clean_line(path, 60) for path in result.ignored[:5])
            more = ", …" if len(result.ignored) > 5 else ""
            self._print(Text())
            self._print(Text(f"Left aside: {files} not needed ({named}{more})", style="dim"))

    # Progress

    def _show_progress(self, done: int, total: int | None, detail: str) -> None:
        if not self._live:
            return
        if self._progress is None or self._task is None:
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=_BAR_CELLS),
                TextColumn("{task.fields[detail]}", markup=False, style="dim"),
                console=self._console,
                transient=True,
            )
            self._task = self._progress.add_task("", total=None, detail="")
            self._progress.start()
        count = "" if total is None else f"{done}/{total}"
        self._progress.update(
            self._task,
            description=f"{self._phase.title} {count}".strip(),
            completed=done,
            total=total,
            detail=text.clean_line(detail, 40),
        )

    def _finish_phase(self, event: PhaseFinished) -> None:
        self._stop_progress()
        tally = f"{self._passed} of {self._finished} passed, " if self._finished else ""
        title = self._phase.title or event.name
        self._print(Text(f"{title}: {tally}{numbers.seconds(event.duration_s)}", style="dim"))

    def _stop_progress(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._task = None

    # The parts of the report

    def _print_score(self, result: GradingResult) -> None:
        self._print(Text())
        line = Text(f"{text.clean_line(result.unit, 40)}: ")
        if result.status is Status.GRADED:
            line.append(
                f"{numbers.points(result.score)} of {numbers.points(result.max_score)} points", "bold"
            )
        else:
            line.append("not graded", "bold")
        self._print(line)
        self._print(Text(summary.headline(result)))
        taken = summary.deduction(result)
        if taken:
            self._print(
                Text(
                    f"{numbers.points(taken)} points were taken off for calls that are off limits.", "yellow"
                )
            )

    def _print_groups(self, groups: Sequence[summary.Group]) -> None:
        if not groups:
            return
        self._print(Text())
        width = max(len(text.clean_line(group.title, 24)) for group in groups)
        for group in groups:
            line = Text(f"  {text.clean_line(group.title, 24):{width}}  ")
            line.append_text(_bar(group.share))
            line.append(f"  {group.tally:>12}")
            line.append(f"  {group.passed} of {words.count(len(group.tests), 'test')}", "dim")
            self._print(line)

    def _print_fixes(self, result: GradingResult) -> None:
        found = summary.fixes(result)[: summary.MAX_FIXES]
        if not found:
            return
        self._heading("What to fix first")
        for number, fix in enumerate(found, start=1):
            cost = f" ({numbers.points(fix.points)} points)" if fix.points > 0 else ""
            hint = text.clean(fix.hint.text, _MESSAGE_CHARS, _MESSAGE_LINES)
            self._print(Text(f"{number}. {hint}{cost}"), indent=2, hang=3)

    def _print_failures(self, result: GradingResult) -> set[str]:
        """Print what did not pass, and what several tests say once; return the messages that were printed."""
        failing = [test for test in result.tests if test.outcome is not Outcome.PASSED]
        if not failing:
            return set()
        self._heading("Tests that did not pass")
        number_of_hint = {fix.hint.code: number for number, fix in enumerate(summary.fixes(result), start=1)}
        alike: dict[tuple[str, Hint | None], list[TestResult]] = {}
        for test in failing[:_MAX_LISTED]:
            alike.setdefault((test.message, test.hint), []).append(test)
        for (message, hint), tests in alike.items():
            for test in tests:
                line = Text("✗ ", "red")
                line.append(_test_name(test), "bold")
                line.append(f"  {words.OUTCOME_WORDS[test.outcome]} · {test.visibility.value}", "dim")
                self._print(line, indent=2)
            number = 0 if hint is None else number_of_hint[hint.code]
            explained = 0 < number <= summary.MAX_FIXES  # the hint says it; the message's start is enough
            if message:
                lines = 3 if explained else _MESSAGE_LINES
                self._print(Text(text.clean(message, _MESSAGE_CHARS, lines)), indent=4)
            if hint is not None:
                said = f"see {number} above" if explained else text.clean_line(hint.text)
                self._print(Text(f"Hint: {said}", "cyan"), indent=4)
        if len(failing) > _MAX_LISTED:
            self._print(
                Text(f"… and {words.count(len(failing) - _MAX_LISTED, 'more test')}", "dim"), indent=2
            )
        return {message for message, _ in alike}

    def _print_mnist(self, mnist: MnistResult, told: Collection[str]) -> None:
        self._heading("MNIST")
        passed = mnist.outcome is Outcome.PASSED
        line = Text("✓ " if passed else "✗ ", "green" if passed else "red")
        line.append(words.OUTCOME_WORDS[mnist.outcome])
        finished = summary.is_finished(mnist)
        self._print(line if finished else line.append(": the run was not finished"), indent=2)
        if finished:
            reached, needed = numbers.percent(mnist.accuracy), numbers.percent(mnist.threshold)
            self._print(Text(f"accuracy  {reached}, needed {needed}"), indent=2)
        curve = _sparkline(mnist.epochs) if self._lines.encodes_all else ""
        if mnist.epochs:
            shown = ", ".join(numbers.percent(epoch.val_accuracy) for epoch in mnist.epochs[:8])
            self._print(Text(f"by epoch  {curve}{'  ' if curve else ''}{shown}"), indent=2)
        if finished:
            times = f"{numbers.seconds(mnist.cpu_s)}, reference {numbers.seconds(mnist.reference_cpu_s)}"
            ratios = f"{numbers.ratio(mnist.ratio)}, at most {numbers.ratio(mnist.max_ratio)}"
            self._print(Text(f"CPU time  {times}: {ratios}"), indent=2)
        if mnist.message and not passed and mnist.message not in told:
            self._print(Text(text.clean(mnist.message, _MESSAGE_CHARS, _MESSAGE_LINES)), indent=4)

    def _print_places(self, heading: str, entries: Sequence[tuple[str, str]]) -> None:
        if not entries:
            return
        self._heading(heading)
        for place, entry in entries[:_MAX_LISTED]:
            if place:
                self._print(Text(text.clean_line(place), "bold"), indent=2)
            self._print(Text(text.clean(entry, _MESSAGE_CHARS, _MESSAGE_LINES)), indent=4 if place else 2)
        if len(entries) > _MAX_LISTED:
            self._print(Text(f"… and {len(entries) - _MAX_LISTED} more", "dim"), indent=2)

    # Putting it out

    def _heading(self, title: str) -> None:
        self._print(Text())
        self._print(Text(title, "bold"))

    def _print(self, line: Text, indent: int = 0, hang: int = 0) -> None:
        self._lines.print(line, Text(" " * indent), hang)


def _bar(share: float) -> Text:
    filled = round(share * _BAR_CELLS)
    if 0 < share < 1:
        filled = min(_BAR_CELLS - 1, max(1, filled))  # only all is full, only nothing is empty
    return Text("█" * filled, "green") + Text("░" * (_BAR_CELLS - filled), "dim")


def _sparkline(epochs: Sequence[Epoch]) -> str:
    """Return one mark an epoch for the validation accuracy, from the worst to the best of them."""
    values = [numbers.finite(epoch.val_accuracy, 0.0, 1.0) for epoch in epochs]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), (max(known) - min(known)) or 1.0
    highest = len(_SPARKS) - 1
    return "".join(
        " " if value is None else _SPARKS[round((value - low) / spread * highest)] for value in values
    )


def _epoch_words(event: EpochFinished) -> str:
    loss = numbers.decimal(event.student.train_loss)
    said = f"loss {loss}, accuracy {numbers.percent(event.student.val_accuracy)}"
    if event.reference is not None:
        said += f" (reference {numbers.percent(event.reference.val_accuracy)})"
    return said


def _test_name(test: TestResult) -> str:
    return text.clean_line(words.test_name(test), 100)


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line > 0 else file
