"""Text from a student's program is made harmless and short, and stays readable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.text import MESSAGE_CHARS, MESSAGE_LINES, clean, clean_line
from tests.cast import HOSTILE_TEXTS


def test_ordinary_text_is_unchanged():
    message = "AssertionError: σ(0) ≠ 0.5\n  got\ttensor(0.4) — naïve"
    assert clean(message) == message


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("\x1bcreset", "reset"),
        ("one\r\ntwo\rthree\x85four\u2028five", "one\ntwo\nthree\nfour\nfive"),
        ("nul\x00", "nul\\x00"),
        ("unfinished \x1b", "unfinished \\x1b"),
        ("\u202eturned", "\\u202eturned"),
        ("half \ud800", "half \\ud800"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 3),
    ],
)
def test_what_would_mislead_goes_or_shows(raw, shown):
    assert clean(raw) == shown


def test_long_text_keeps_both_ends_and_says_what_is_missing():
    shown = clean("start" + "x" * 1_000_000 + "end")
    assert shown.startswith("startx")
    assert shown.endswith("xend")
    assert f"[… {1_000_008 - MESSAGE_CHARS} characters left out …]" in shown


def test_many_lines_are_cut_with_a_note():
    lines = clean("line\n" * 500, max_chars=100_000).split("\n")
    assert len(lines) == MESSAGE_LINES
    assert lines[-1] == "[… 441 more lines]"


def test_a_line_stays_a_line():
    assert clean_line("one\n two\t three\r\nfour ") == "one two three four"


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_text_becomes_printable_and_bounded(text):
    _check(clean(text))


@given(st.text(st.characters(blacklist_categories=()), max_size=200))
def test_any_text_becomes_printable_and_bounded(text):
    _check(clean(text))


def _check(shown: str) -> None:
    assert not {unicodedata.category(char) for char in shown if char not in "\n\t"} & {"Cc", "Cf", "Cs", "Cn"}
    assert len(shown) <= 10 * MESSAGE_CHARS + 100
    assert shown.count("\n") < MESSAGE_LINES
