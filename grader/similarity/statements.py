"""Python source as a list of statements, each in one form however it is named, laid out or annotated."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_STATEMENTS = 3_000  # of one file
MAX_FORM_CHARS = 2_000

_BUILTINS = frozenset(dir(builtins)) | {"self", "cls"}
_TOP_LEVEL = re.compile(r"^(?=(?:async[ \t]+def|def|class)\b|@)", re.MULTILINE)
_TOO_DEEP = (RecursionError, MemoryError)
_PARTS = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class Statement:
    """One statement, or the head of a compound one, on lines `first` to `last` of its file, from 1.

    `form` is its text with chosen names as `V0`, `V1`, … in the order of their appearance, and every text
    as `'S'`. Names of attributes, keyword arguments and builtins stay: nobody who copies can change them.
    """

    form: str
    first: int
    last: int


def given_names(sources: Iterable[str]) -> frozenset[str]:
    """Return the names that a template defines or imports, which students can't choose."""
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return frozenset(found)


def statements(source: str, given: frozenset[str]) -> list[Statement]:
    """Return the statements of the source, at most so many, without imports, docstrings and signatures.

    Of a file that is not valid Python, the functions and classes count that are. What is made to break the
    parser, or is too deep to be written down again, is left out by itself: all else is still compared.
    """
    found: list[Statement] = []
    for text, line in _parsable_parts(source):
        for node in _walk(text.body):
            if len(found) == MAX_STATEMENTS:
                return found
            try:
                form = _form(node, given)
            except _TOO_DEEP:
                continue
            found.append(Statement(form, node.lineno + line, _last_line(node) + line))
    return found


def _parsable_parts(source: str) -> Iterator[tuple[ast.Module, int]]:
    """Yield the source's tree, or those of its top-level parts that have one, with the lines before each."""
    tree = _tree(source)
    if tree is not None:
        yield tree, 0
        return
    line = 0
    for part in _TOP_LEVEL.split(source):
        if part and (tree := _tree(part)) is not None:
            yield tree, line
        line += part.count("\n")


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, *_TOO_DEEP):
        return None


def _walk(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what is compared, in the order of the file."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _walk(node.body)
            continue
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_empty = isinstance(node, ast.AnnAssign) and node.value is None
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) or is_text or is_empty:
            continue
        if not isinstance(node, ast.Try | ast.TryStar):
            yield node
        for part in _PARTS:
            yield from _walk(getattr(node, part, ()))
        for handler in getattr(node, "handlers", ()):
            yield from _walk(handler.body)
        for case in getattr(node, "cases", ()):
            yield from _walk(case.body)


def _last_line(node: ast.stmt) -> int:
    """Return the last line of a statement, of a compound one of its head."""
    inner: list[ast.stmt] = getattr(node, "body", [])
    return max(node.lineno, inner[0].lineno - 1) if inner else node.end_lineno or node.lineno


def _form(node: ast.stmt, given: frozenset[str]) -> str:
    text = ast.unparse(_Anonymous(given).visit(_head(node)))
    return text.partition("\n")[0][:MAX_FORM_CHARS]


def _head(node: ast.stmt) -> ast.stmt:
    """Return a copy of the node, of a compound statement without what stands in it."""
    if isinstance(node, ast.AnnAssign):
        assert node.value is not None
        return ast.parse(f"{ast.unparse(node.target)} = {ast.unparse(node.value)}").body[0]
    if isinstance(node, ast.Match):
        return ast.parse(f"match {ast.unparse(node.subject)}:\n case _: pass").body[0]
    if not hasattr(node, "body"):
        return ast.parse(ast.unparse(node)).body[0]
    emptied: dict[str, list[ast.stmt]] = {part: [] for part in _PARTS if hasattr(node, part)}
    fields = {**dict(ast.iter_fields(node)), **emptied, "body": [ast.Pass()]}
    return ast.parse(ast.unparse(ast.fix_missing_locations(type(node)(**fields)))).body[0]


class _Anonymous(ast.NodeTransformer):
    """Replaces what a writer is free to choose."""

    def __init__(self, given: frozenset[str]):
        self._given = given
        self._seen: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Replace a name."""
        node.id = self._replaced(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Replace a lambda's parameter."""
        return ast.arg(self._replaced(node.arg))

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Replace a text; numbers stay."""
        return ast.Constant("S") if isinstance(node.value, str | bytes) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        """Replace a text with values in it."""
        return ast.Constant("S")

    def _replaced(self, name: str) -> str:
        if name in self._given or name in _BUILTINS:
            return name
        return self._seen.setdefault(name, f"V{len(self._seen)}")
