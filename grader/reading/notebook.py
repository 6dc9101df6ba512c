"""A submitted notebook as inert data: markdown, code, text and pictures; everything else is left out by name.

The format is read here by hand rather than by a library that checks it: what is to be shown is a few
texts and pictures, also of notebooks that are not quite valid, and checks of hostile JSON by a schema have
no bounds.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from grader.reading.files import HandIn, is_notebook
from grader.reading.highlighting import Ink, python_markup
from grader.reading.pictures import MAX_BYTES, Picture, checked_picture
from grader.reading.prose import prose_markup
from grader.report.text import clean

MAX_NOTEBOOK_BYTES = 8 * 1024**2
MAX_CELLS = 400
MAX_OUTPUTS = 40  # of one cell
MAX_SOURCE_CHARS = 20_000
MAX_SOURCE_LINES = 600
MAX_OUTPUT_CHARS = 12_000
MAX_OUTPUT_LINES = 200
MAX_SHOWN_CHARS = 400_000  # of the whole notebook: what follows is left out
FORMAT = 4
PICTURE_TYPES = ("image/png", "image/jpeg")


class UnreadableNotebookError(Exception):
    """The file is no notebook that can be shown; the text says why."""


@dataclass(frozen=True)
class Output:
    """One output: a text, a picture, or the kinds that were `left_out`; `is_error` for an exception."""

    text: str = ""
    picture: Picture | None = None
    left_out: tuple[str, ...] = ()
    is_error: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell. `markup` is prose, or code in colours; `count` is when it was executed, as the file says."""

    kind: str
    markup: Markup
    count: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Notebook:
    """The cells that are shown, and how many more there are."""

    cells: tuple[Cell, ...]
    cells_left_out: int


def notebooks_in(hand_in: HandIn) -> list[str]:
    """Return the paths of the notebooks, also outside the package's folder, but not in hidden folders."""
    paths = [path for path in (*hand_in.files, *hand_in.elsewhere) if is_notebook(path)]
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.split("/")))


def read_notebook(content: bytes) -> Notebook:
    """Return the notebook as it may be shown; UnreadableNotebookError for what is none."""
    cells = _cells(content)
    shown: list[Cell] = []
    chars_left, ink = MAX_SHOWN_CHARS, Ink()
    for data in cells[:MAX_CELLS]:
        if chars_left <= 0:
            break
        cell = _cell(data, ink)
        chars_left -= len(cell.markup) + sum(len(output.text) for output in cell.outputs)
        shown.append(cell)
    return Notebook(tuple(shown), len(cells) - len(shown))


def picture_in(content: bytes, cell: int, output: int) -> Picture | None:
    """Return the picture that this output of this cell (both from 0) is shown as; None if there is none."""
    try:
        cells = _cells(content)
    except UnreadableNotebookError:
        return None
    if cell >= min(len(cells), MAX_CELLS):
        return None
    outputs = _list(cells[cell].get("outputs"))
    return _output(outputs[output]).picture if output < min(len(outputs), MAX_OUTPUTS) else None


def _cells(content: bytes) -> list[Mapping[str, Any]]:
    if len(content) > MAX_NOTEBOOK_BYTES:
        raise UnreadableNotebookError(f"It is larger than {MAX_NOTEBOOK_BYTES // 1024**2} MiB.")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableNotebookError("It is not valid JSON.") from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise UnreadableNotebookError("It holds no cells.")
    if data.get("nbformat", FORMAT) != FORMAT:
        raise UnreadableNotebookError(f"Its format is not version {FORMAT}, which has been usual since 2015.")
    return [cell for cell in data["cells"] if isinstance(cell, dict)]


def _cell(data: Mapping[str, Any], ink: Ink) -> Cell:
    kind, source = _text(data.get("cell_type")), _text(data.get("source"))
    if kind == "markdown":
        return Cell("markdown", prose_markup(source))
    lines = clean(source, MAX_SOURCE_CHARS, MAX_SOURCE_LINES).split("\n")
    if kind != "code":
        return Cell("raw", Markup.escape("\n".join(lines)))
    count = data.get("execution_count")
    outputs = tuple(_output(output) for output in _list(data.get("outputs"))[:MAX_OUTPUTS])
    more = len(_list(data.get("outputs"))) - len(outputs)
    if more > 0:
        outputs += (Output(left_out=(f"{more} more outputs",)),)
    count_text = str(count) if type(count) is int and 0 <= count < 10**6 else ""
    return Cell("code", Markup("\n").join(python_markup(lines, ink)), count_text, outputs)


def _output(data: Any) -> Output:
    if not isinstance(data, dict):
        return Output(left_out=("an output that is none",))
    kind = data.get("output_type")
    if kind == "stream":
        return Output(_shown(_text(data.get("text"))), is_error=data.get("name") == "stderr")
    if kind == "error":
        trace = "\n".join(_text(line) for line in _list(data.get("traceback"))[:MAX_OUTPUT_LINES])
        text = trace or f"{_text(data.get('ename'))}: {_text(data.get('evalue'))}"
        return Output(_shown(text), is_error=True)
    bundle = data.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(bundle, dict):
        return Output(left_out=("an output of an unknown kind",))
    return _richest(bundle)


def _richest(bundle: Mapping[str, Any]) -> Output:
    """Return the one form of an output that is shown: its picture, else its text; others are left out."""
    for media_type in PICTURE_TYPES:
        if media_type in bundle and (picture := _picture(_text(bundle[media_type]))) is not None:
            return Output(picture=picture)
    others = tuple(clean(kind, 60, 1) for kind in list(bundle)[:8] if kind != "text/plain")
    return Output(_shown(_text(bundle.get("text/plain"))), left_out=others)


def _picture(encoded: str) -> Picture | None:
    if len(encoded) > MAX_BYTES * 3 // 2:
        return None
    try:
        return checked_picture(base64.b64decode("".join(encoded.split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def _shown(text: str) -> str:
    return clean(text, MAX_OUTPUT_CHARS, MAX_OUTPUT_LINES)


def _text(value: Any) -> str:
    """Return a text, which notebooks keep whole or as a list of lines; "" for anything else."""
    if isinstance(value, str):
        return value
    return "".join(_strings(value))


def _strings(value: Any) -> Iterator[str]:
    return (part for part in _list(value) if isinstance(part, str))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
