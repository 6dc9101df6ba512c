"""One side of a pair as a stranger sees it: lines stay, words and whoever wrote them do not."""

import time

import pytest

from grader.similarity.viewing import _without_words


def test_comments_and_texts_go_and_lines_stay():
    source = 'a = 1\n\n# Zoe\n  \nb = """Zoe\n\n  \nQuist"""\n\nc = f(a)\n'
    shown = _without_words(source).split("\n")
    assert len(shown) == len(source.split("\n"))
    assert (shown[0], shown[9]) == ("a = 1", "c = f(a)")
    assert "Zoe" not in "".join(shown) and "Quist" not in "".join(shown)


@pytest.mark.parametrize(
    "source",
    ["\n" * 250_000, ("  " * 9 + "\n") * 5_000, "x = '%" + "0" * 250_000 + "'", "x = 'Zoe'\n" * 20_000],
)
def test_a_source_made_to_keep_a_lexer_busy_costs_little_and_shows_no_words(source: str):
    begin_s = time.process_time()
    shown = _without_words(source)
    assert time.process_time() - begin_s < 3  # a lexer that reads them takes minutes
    assert shown.count("\n") == source.count("\n")
    assert "Zoe" not in shown
