"""Python in colours: each line as markup of escaped text in spans whose class says what it is.

Classes are ours and few (`static/code.css` gives them a look); Pygments only says where tokens begin and end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

MAX_CHARS = 100_000  # beyond it there are no colours: a lexer's time is not ours to spend
MAX_COLUMN = 400
MAX_TOKENS = 60_000  # of one page: about half a second

CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (String.Doc, "t-comment"),
    (Comment, "t-comment"),
    (Keyword, "t-keyword"),
    (Operator.Word, "t-keyword"),
    (String, "t-string"),
    (Number, "t-number"),
    (Name.Decorator, "t-name"),
    (Name.Function, "t-name"),
    (Name.Class, "t-name"),
)
"""The first that a token belongs to gives its class; others are plain text."""


@dataclass
class Ink:
    """What a page may still spend on colours: a file of brackets or of short texts is all tokens."""

    tokens_left: int = MAX_TOKENS


def python_markup(lines: Iterable[str], ink: Ink | None = None) -> list[Markup]:
    """Return each line as markup, as many as there were; plain where there is too much to colour.

    What goes on one page shares its `ink`; whoever asks for no more than this needs none.
    """
    plain, ink = list(lines), ink or Ink()
    is_long = sum(map(len, plain)) > MAX_CHARS or any(len(line) > MAX_COLUMN for line in plain)
    if is_long or ink.tokens_left <= 0:
        return [escape(line) for line in plain]
    return _coloured(plain, ink)


def _coloured(plain: list[str], ink: Ink) -> list[Markup]:
    coloured = iter(_lexed([line for line in plain if line.strip()], ink))
    return [next(coloured) if line.strip() else escape(line) for line in plain]


def _lexed(filled: list[str], ink: Ink) -> list[Markup]:
    """Return lines with something in each; over many empty ones, the lexer's time grows with their square."""
    lexer = PythonLexer(stripnl=False, stripall=False, ensurenl=False)
    lines: list[list[Markup]] = [[]]
    for kind, text in lexer.get_tokens("\n".join(filled)):
        ink.tokens_left -= 1
        if ink.tokens_left <= 0:
            return [escape(line) for line in filled]
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(_span(kind, part))
    made = [Markup("").join(parts) for parts in lines]
    return made if len(made) == len(filled) else [escape(line) for line in filled]


def _span(kind: _TokenType, text: str) -> Markup:
    name = next(_classes_of(kind), None)
    return escape(text) if name is None else Markup('<span class="{}">{}</span>').format(name, text)


def _classes_of(kind: _TokenType) -> Iterator[str]:
    return (name for family, name in CLASSES if kind[: len(family)] == tuple(family))
