"""How `grader check` speaks: headings, and lines marked good, bad or worth knowing, at any width."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.text import Text

from grader.report import text
from grader.report.lines import Lines

MAX_CHARS = 1_200
MAX_LINES = 12
MARKS = {"good": ("✓", "green"), "bad": ("✗", "red"), "note": ("·", "dim")}
NO_MARGIN = Text()


class CheckOutput:
    """Writes to a console. What the student's code says is shown as text, never as markup or escapes."""

    def __init__(self, console: Console):
        self._console = console
        self._lines = Lines(console)

    def title(self, line: str) -> None:
        """Begin."""
        self._print(line, "bold")

    def heading(self, line: str) -> None:
        """Begin a step."""
        self._console.print()
        self._print(line, "bold")

    def good(self, message: str) -> None:
        """Say what is as it should be."""
        self._marked("good", message)

    def bad(self, message: str) -> None:
        """Say what is wrong, and what to do about it."""
        self._marked("bad", message)

    def note(self, message: str) -> None:
        """Say what is worth knowing and costs nothing."""
        self._marked("note", message)

    def detail(self, message: str) -> None:
        """Add to the line before."""
        self._print(message, margin=Text(" " * 6))

    def end(self, message: str) -> None:
        """Say what it all comes to."""
        self._console.print()
        self._print(message, "bold")

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Show on a terminal that something takes time."""
        if self._console.is_terminal and self._lines.encodes_all:
            return self._console.status(f"{what} …")
        return nullcontext()

    def _marked(self, kind: str, message: str) -> None:
        mark, style = MARKS[kind]
        margin = Text.assemble("  ", (mark, style), " ")
        self._print(message, "dim" if kind == "note" else "", margin)

    def _print(self, message: str, style: str = "", margin: Text = NO_MARGIN) -> None:
        self._lines.print(Text(text.clean(message, MAX_CHARS, MAX_LINES), style), margin)
