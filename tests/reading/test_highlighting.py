"""Python in colours: the same text, escaped, line by line."""

import re
import time
from html import unescape

import pytest
from markupsafe import Markup

from grader.reading import highlighting
from grader.reading.highlighting import Ink, python_markup
from tests.reading.hand_ins import template_tree

HOSTILE = [
    "x = '<script>alert(1)</script>'",
    '</code><img src=x onerror="alert(1)">',
    'f"{a!r:{b}}" # &amp; <!-- -->',
    '"""never closed\n<b>\n\n',
    "\\\n\\\n",
    "\n\n\n",
    "",
    "def \u00e4(\u2028): pass",
]


def text_of(markup: Markup) -> str:
    return unescape(re.sub(r'</?span( class="t-[a-z]+")?>', "", markup))


HONEST = [data.decode() for path, data in template_tree().items() if path.endswith(".py")]


@pytest.mark.parametrize("source", [*HOSTILE, *HONEST])
def test_taking_the_spans_away_gives_the_source_back(source: str):
    lines = source.split("\n")
    shown = python_markup(lines)
    assert [text_of(line) for line in shown] == lines
    assert "<script" not in "".join(shown)
    assert all(line.count("<span") == line.count("</span>") for line in shown)


def test_words_get_their_classes():
    (line,) = python_markup(["def f(): return 'a' + 1  # why"])
    found = re.findall(r'class="t-(\w+)">([^<]+)', line)
    assert found[:3] == [("keyword", "def"), ("name", "f"), ("keyword", "return")]
    assert {"string", "number", "comment"} <= {kind for kind, _ in found}


@pytest.mark.parametrize("lines", [["x" * 401], ["if x:"] * 20_001])
def test_too_much_of_it_is_plain(lines: list[str]):
    assert python_markup(lines) == [highlighting.escape(line) for line in lines]


@pytest.mark.parametrize("lines", [[" " * 19] * 5_000, [" " * 19, "x = 1"] * 2_500, ["\x1c\u2003"] * 5_000])
def test_empty_lines_cost_no_more_than_others(lines: list[str]):
    begin_s = time.process_time()
    assert [text_of(line) for line in python_markup(lines)] == lines
    assert time.process_time() - begin_s < 3  # a lexer that reads them takes nine


def test_a_page_has_colours_for_so_many_tokens_and_then_shows_plain_text():
    lines, ink = ["x = '' '' '' ''"] * 3_000, Ink()
    first, second = python_markup(lines, ink), python_markup(lines, ink)
    assert "<span" in first[-1]
    assert second == [highlighting.escape(line) for line in lines]
    assert python_markup(["x = 1"], ink) == ["x = 1"]


def test_all_the_code_of_a_unit_twice_is_coloured():
    ink = Ink()
    for source in HONEST * 2:
        python_markup(source.split("\n"), ink)
    assert ink.tokens_left > 0
