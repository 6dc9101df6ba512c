"""How `grader check` speaks: headings, and lines marked good, bad or worth knowing, at any width."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.text import Text

from grader.report import text

MAX_CHARS = 1_200
MAX_LINES = 12
MARKS = {"good": ("✓", "green"), "bad": ("✗", "red"), "note": ("·", "dim")}
NO_MARGIN = Text()
PLAIN_MARKS = {"✓": "+", "✗": "x", "·": "-"}


class CheckOutput:
    """Writes to a console. What the student's code says is shown as text, never as markup or escapes."""

    def __init__(self, console: Console):
        self._console = console
        self._encodes_all = console.encoding.lower().startswith("utf")

    def title(self, line: str) -> None:
        """Begin."""
        self._print(self._text(line, "bold"))

    def heading(self, line: str) -> None:
        """Begin a step."""
        self._console.print()
        self._print(self._text(line, "bold"))

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
        self._print(self._text(message), Text(" " * 6))

    def end(self, message: str) -> None:
        """Say what it all comes to."""
        self._console.print()
        self._print(self._text(message, "bold"))

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Show on a terminal that something takes time."""
        if self._console.is_terminal and self._encodes_all:
            return self._console.status(f"{what} …")
        return nullcontext()

    def _marked(self, kind: str, message: str) -> None:
        mark, style = MARKS[kind]
        margin = Text.assemble("  ", self._text(mark, style), " ")
        self._print(self._text(message, "dim" if kind == "note" else ""), margin)

    def _print(self, message: Text, margin: Text = NO_MARGIN) -> None:
        """Print behind the margin; further lines are indented as deeply."""
        width = max(20, self._console.width - len(margin))
        for line in message.wrap(self._console, width):
            line.rstrip()
            self._console.print(margin + line, soft_wrap=True, highlight=False)
            margin = Text(" " * len(margin))

    def _text(self, message: str, style: str = "") -> Text:
        shown = text.clean(message, MAX_CHARS, MAX_LINES)
        if not self._encodes_all:
            for mark, plain in PLAIN_MARKS.items():
                shown = shown.replace(mark, plain)
            encoding = self._console.encoding
            shown = shown.encode(encoding, "backslashreplace").decode(encoding)
        return Text(shown, style)
