"""What intake remarks about a hand-in reaches the student in every report that people read."""

import io

from rich.console import Console

from grader.judging.result import GradingResult
from grader.report.html import render_html
from grader.report.terminal import TerminalReport
from tests.factories import make_result

NOTE = "Grading brings its own tests and does not use yours: tests/<b>test_nn.py."


def _terminal(result: GradingResult) -> str:
    console = Console(file=io.StringIO(), width=200)
    TerminalReport(console).print_report(result)
    return console.file.getvalue()


def test_the_terminal_lists_the_notes():
    assert f"About your hand-in\n  {NOTE}\n" in _terminal(make_result(notes=(NOTE,)))


def test_the_page_lists_the_notes_escaped():
    page = render_html(make_result(notes=(NOTE,)), "nn")
    assert "About your hand-in" in page and "tests/&lt;b&gt;test_nn.py" in page


def test_without_notes_there_is_no_heading():
    result = make_result()
    assert "About your hand-in" not in _terminal(result) + render_html(result, "nn")


def test_notes_survive_json():
    result = make_result(notes=(NOTE,))
    assert GradingResult.from_json(result.to_json()).notes == (NOTE,)
