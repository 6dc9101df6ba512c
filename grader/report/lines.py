"""Lines on any console: wrapped within a margin, in characters that the stream can encode."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

_PLAIN = str.maketrans(dict(zip("✓✗–—−×·█░", "+x---x-#.", strict=True)) | {"…": "..."})
_LEAST_WIDTH = 20
_NO_MARGIN = Text()


class Lines:
    """Writes to a console. All is put out as `Text`: what a student's code says is never markup."""

    def __init__(self, console: Console):
        self._console = console
        self.encodes_all = console.encoding.lower().startswith("utf")

    def print(self, line: Text, margin: Text = _NO_MARGIN, hang: int = 0) -> None:
        """Print `line` behind `margin`; where it wraps, its later lines stand `hang` cells further in."""
        line, margin = self._encodable(line), self._encodable(margin)
        later = Text(" " * (len(margin) + hang))
        width = max(_LEAST_WIDTH, self._console.width - len(later))
        for number, part in enumerate(line.wrap(self._console, width) if line.plain else [line]):
            part.rstrip()
            self._console.print((later if number else margin) + part, soft_wrap=True, highlight=False)

    def _encodable(self, line: Text) -> Text:
        if self.encodes_all:
            return line
        encoding = self._console.encoding
        plain = line.plain.translate(_PLAIN)
        return Text(plain.encode(encoding, "backslashreplace").decode(encoding), line.style)
