"""The crash tests' judgement and their table; the tests themselves take minutes and run by hand."""

import pytest

from bench.crash_recovery.findings import is_flawless
from bench.crash_recovery.page import PAGE, render

FOUND = {
    "hand_ins": 60,
    "repeated_requests": 12,
    "lost": 0,
    "stored_twice": 0,
    "doubled": 0,
    "unfinished": 0,
    "problems": 0,
    "graded": 60,
    "inconsistent": 0,
    "resumed_runs": 8,
    "resumptions": 9,
    "own_failures": 0,
    "median_wait_s": 3.14159,
    "longest_wait_s": 14.2,
    "mishaps": {"worker": 7, "both": 2},
    "date": "2026-11-21T07:54+00:00",
    "commit": "4b471a6",
    "machine": {"cpu_model": "a CPU", "cores": 2, "kernel": "Linux", "load_average": 0.4},
}


def test_all_graded_once_is_flawless():
    assert is_flawless(FOUND)


@pytest.mark.parametrize(
    "flaw",
    [
        {"lost": 1},
        {"stored_twice": 1},
        {"doubled": 1},
        {"unfinished": 1, "graded": 59},
        {"problems": 1, "graded": 59},
        {"inconsistent": 1},
        {"graded": 59},
    ],
)
def test_anything_else_is_not(flaw: dict[str, int]):
    assert not is_flawless(FOUND | flaw)


def test_the_table_has_a_column_for_each_scenario():
    table = render({"sqlite, acted": FOUND, "postgresql, acted": FOUND | {"mishaps": {"database": 3}}})
    assert "| | sqlite, acted | postgresql, acted |" in table
    assert "| PostgreSQL restarted | – | 3 |" in table
    assert "| worker killed | 7 | 0 |" in table
    assert "| from hand-in to result, median (s) | 3.1 | 3.1 |" in table


def test_the_page_has_a_place_for_it():
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("<!-- crash recovery: begin") == text.count("<!-- crash recovery: end -->") == 1
