"""Submitted notebooks, honest and hostile, as inert data."""

import base64
import json

import pytest

from grader.reading import notebook as reading
from grader.reading.files import HandIn
from grader.reading.notebook import (
    Notebook,
    UnreadableNotebookError,
    notebooks_in,
    picture_in,
    read_notebook,
)
from tests.reading.hand_ins import UNIT, code, display, markdown, notebook
from tests.reading.test_pictures import picture

PNG = base64.b64encode(picture("PNG")).decode()
SOLVED = UNIT.reference / "notebooks/solutions/03-nn.ipynb"


def everything(made: Notebook) -> str:
    return " ".join(
        f"{cell.markup} {[(out.text, out.left_out) for out in cell.outputs]}" for cell in made.cells
    )


def test_the_solved_notebook_is_shown_with_its_pictures():
    made = read_notebook(SOLVED.read_bytes())
    assert made.cells_left_out == 0
    assert {cell.kind for cell in made.cells} == {"markdown", "code"}
    outputs = [output for cell in made.cells for output in cell.outputs]
    drawn = SOLVED.read_text(encoding="utf-8").count('"image/png"')
    assert sum(output.picture is not None for output in outputs) == drawn > 0
    assert any("last loss" in output.text for output in outputs)


def test_of_an_output_the_picture_is_shown_and_can_be_fetched():
    content = notebook(markdown("a"), code("b", display(text_plain="<Figure>", image_png=PNG)))
    (output,) = read_notebook(content).cells[1].outputs
    assert output.picture is not None
    assert (output.text, output.picture.media_type) == ("", "image/png")
    assert picture_in(content, 1, 0) == output.picture
    for place in ((0, 0), (1, 1), (2, 0), (10**6, 0), (1, 10**6)):
        assert picture_in(content, *place) is None
    assert picture_in(b"{", 0, 0) is None


@pytest.mark.parametrize(
    ("data", "left_out"),
    [
        ({"text_html": "<script>alert(1)</script>"}, "text/html"),
        ({"image_svg_xml": "<svg onload=alert(1)>"}, "image/svg+xml"),
        ({"application_javascript": "alert(1)"}, "application/javascript"),
        ({"text_latex": "$x$", "text_plain": "x"}, "text/latex"),
        ({"image_png": "PHN2Zz4="}, "image/png"),
        ({"image_png": base64.b64encode(b"<svg onload=alert(1)>").decode()}, "image/png"),
        ({"image_png": "not base64 \u00e4"}, "image/png"),
        ({"image_jpeg": ["a", 1, None]}, "image/jpeg"),
        ({"image_png": "A" * 6_400_000}, "image/png"),
    ],
)
def test_other_kinds_of_output_are_left_out_by_name(data: dict[str, object], left_out: str):
    made = read_notebook(notebook(code("x", display(**data))))
    (output,) = made.cells[0].outputs
    assert (output.picture, output.left_out) == (None, (left_out,))
    assert output.text == ("x" if "text_plain" in data else "")


def test_text_loses_its_terminal_escapes():
    outputs = (
        {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mred\x1b[0m ", "\x1b]0;title\x07end"]},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[1mE\x1b[0m: v"]},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
    )
    shown = read_notebook(notebook(code("x", *outputs))).cells[0].outputs
    assert [output.text for output in shown] == ["red end", "E: v", "E: v"]
    assert [output.is_error for output in shown] == [False, True, True]


MALFORMED = {
    "empty": b"",
    "no JSON": b'{"cells": [',
    "no object": b"[1, 2]",
    "no cells": b"{}",
    "cells are a text": b'{"cells": "x"}',
    "an old format": json.dumps({"nbformat": 3, "worksheets": [], "cells": []}).encode(),
    "deep": b"[" * 1_000_000,
    "deep objects": b'{"cells":' * 200_000,
    "not UTF-8": b"\xff\xfe{}",
    "large": b" " * (reading.MAX_NOTEBOOK_BYTES + 1),
    "a long number": b'{"cells": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_notebook_says_why(name: str):
    with pytest.raises(UnreadableNotebookError, match=r"\."):
        read_notebook(MALFORMED[name])


ODD = {
    "cells that are none": [1, None, "x", [], {}],
    "sources of other kinds": [{"cell_type": "code", "source": {"a": 1}, "outputs": 5}],
    "outputs of other kinds": [code("x", None, 5, [], {}, {"output_type": "display_data", "data": "x"})],
    "a kind that is none": [{"cell_type": ["code"], "source": "<script>alert(1)</script>"}],
    "counts that are none": [code("x", count="<script>"), code("y", count=10**30), code("z", count=True)],
    "script everywhere": [
        markdown("<script>alert(1)</script>", "[a](javascript:alert(1))"),
        code("<script>alert(1)</script>", {"output_type": "stream", "text": "<script>alert(1)</script>"}),
        {"cell_type": "raw", "source": "<script>alert(1)</script>"},
    ],
    "media types that are markup": [code("x", {"output_type": "display_data", "data": {"<script>": "y"}})],
    "NaN": [code("x", count=float("nan"))],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_cells_are_shown_as_far_as_they_are_text(name: str):
    made = read_notebook(notebook(*ODD[name]))
    assert all(
        "<script" not in cell.markup and "javascript:" not in cell.markup.split("href=")[1:]
        for cell in made.cells
    )
    assert all(cell.count.isdigit() or cell.count == "" for cell in made.cells)


def test_huge_notebooks_are_cut():
    many = read_notebook(notebook(*(code("x") for _ in range(reading.MAX_CELLS + 7))))
    assert (len(many.cells), many.cells_left_out) == (reading.MAX_CELLS, 7)
    loud = {"output_type": "stream", "text": "spam\n" * 10_000}
    wide = read_notebook(notebook(code("x = 1\n" * 100_000, *[loud] * 100), *[markdown("a " * 10_000)] * 50))
    assert len(everything(wide)) < 3 * reading.MAX_SHOWN_CHARS
    assert wide.cells_left_out > 0
    assert "60 more outputs" in everything(wide)


def test_notebooks_are_found_wherever_they_lie_but_not_in_hidden_folders():
    hand_in = HandIn(
        files={"notebooks/a.ipynb": b"", "notebooks/.pristine/a.ipynb": b"", "g2c/nn/loss.py": b""},
        elsewhere={"report.ipynb": b"", "b.txt": b""},
    )
    assert notebooks_in(hand_in) == ["notebooks/a.ipynb", "report.ipynb"]
