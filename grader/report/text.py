"""Makes text from a student's program harmless to show, and short enough to read.

Messages may hold HTML, terminal escapes, bidirectional overrides, NULs, lone surrogates or
megabytes of anything. Escaping for a format is the format's own business (Jinja's
autoescape, rich's Text, ElementTree); here the text becomes printable and bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MESSAGE_CHARS = 4000
MESSAGE_LINES = 60
LINE_CHARS = 300
_MAX_MARKS = 3

_TERMINAL_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"  # two-character escapes
)
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")


def clean(text: str, max_chars: int = MESSAGE_CHARS, max_lines: int = MESSAGE_LINES) -> str:
    """Return `text` printable, at most about `max_chars` long and `max_lines` lines.

    Terminal escapes go; other control, format and surrogate characters become their Python
    escape (`\\x00`, `\\u202e`). Newlines and tabs stay. What is cut from the middle is
    replaced by a note that says how much.
    """
    shortened = _cut_middle(text, max_chars)
    broken = _LINE_BREAK.sub("\n", _TERMINAL_ESCAPE.sub("", shortened))
    shown = visible("".join(_without_piled_marks(broken)))
    lines = [line.rstrip() for line in shown.strip("\n").split("\n")]
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], f"[… {len(lines) - max_lines + 1} more lines]"]
    return "\n".join(lines)


def clean_line(text: str, max_chars: int = LINE_CHARS) -> str:
    """Return `text` printable on one line of about `max_chars`: all white space becomes single spaces."""
    return _SPACES.sub(" ", clean(text, max_chars, max_lines=max_chars)).strip()


def _cut_middle(text: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    head, tail = max_chars * 3 // 4, max_chars // 4
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out …]\n{text[-tail:]}"


def _without_piled_marks(text: str) -> Iterator[str]:
    """Yield the characters of `text` but no more than a few marks above or below one letter."""
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MAX_MARKS:
            yield char


def visible(text: str) -> str:
    """Return `text` with each character that can't be seen as its Python escape; newlines and tabs stay."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return char
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
