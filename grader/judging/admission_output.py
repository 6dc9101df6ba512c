"""How the admission gate shows itself: one live line while it works, then a table of the problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.report import text, words

MAX_PROBLEMS = 8
LINE_EVERY = 25  # cases, where there is no terminal for the live line

WELL = {
    "reference": "full marks",
    "template": "no points",
    "wrong": "caught, with the right hint",
    "different": "full marks",
    "hostile": "contained",
}


class GradedCase(Protocol):
    """What is shown of a case."""

    @property
    def name(self) -> str:
        """`wrong/init-range-half`."""

    @property
    def kind(self) -> str:
        """A key of `WELL`."""

    @property
    def problems(self) -> tuple[str, ...]:
        """One line each."""


class AdmissionOutput:
    """Shows the gate's progress on `total` cases and what it found. Use it as a context manager."""

    def __init__(self, console: Console, total: int):
        self._console = console
        self._total = total
        self._done = self._with_problems = 0
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("Grading", total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def on_case(self, case: GradedCase) -> None:
        """Count a graded case, and name it at once if something is wrong with it."""
        self._done += 1
        self._with_problems += bool(case.problems)
        self._progress.update(self._task, completed=self._done, description=f"{self._with_problems} problems")
        if case.problems:
            self._line(f"✗ {case.name}: {case.problems[0]}", "red")
        if not self._console.is_terminal and self._done % LINE_EVERY == 0:
            self._line(f"{self._done} of {self._total}", "dim")

    def show(self, disagreements: Sequence[str], cases: Sequence[GradedCase]) -> None:
        """Print what agrees and what does not."""
        self._progress.stop()
        self._console.print()
        if disagreements or any(case.problems for case in cases):
            self._console.print(_table(disagreements, cases))
        counts = Counter(case.kind for case in cases)
        well = Counter(case.kind for case in cases if not case.problems)
        for kind, count in counts.items():
            style = "green" if well[kind] == count else "red"
            self._line(f"{kind:10} {well[kind]:3} of {count:3} {WELL[kind]}", style)
        if disagreements:
            self._line(f"{words.count(len(disagreements), 'disagreement')} between the unit's parts", "red")
        admitted = not disagreements and well == counts
        self._line("Admitted." if admitted else "Not admitted: don't publish this change yet.", "bold")

    def _line(self, line: str, style: str) -> None:
        self._console.print(Text(text.clean_line(line), style), highlight=False)


def _table(disagreements: Sequence[str], cases: Sequence[GradedCase]) -> Table:
    table = Table(title="Problems", show_lines=True)
    table.add_column("Case", overflow="fold")
    table.add_column("Problem")
    rows = [("the unit's parts", disagreements), *((case.name, case.problems) for case in cases)]
    for name, problems in rows:
        shown = [text.clean_line(problem) for problem in problems[:MAX_PROBLEMS]]
        if len(problems) > MAX_PROBLEMS:
            shown.append(f"… and {len(problems) - MAX_PROBLEMS} more")
        if shown:
            table.add_row(Text(name), Text("\n".join(shown)))
    return table
