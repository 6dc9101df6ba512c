"""Filters, orders and figures of a gradebook."""

import pytest

from grader.grades.grade import Basis
from grader.grades.gradebook import Gradebook
from grader.grades.selection import Figures, Selection, State, figures, selected
from tests.grades.made_up import EXCUSED, FAILED, NOTHING, WAITING, column, scored, student

BOOK = Gradebook(
    (column("nn"), column("cnn")),
    (
        student("ada Byron", scored(90.0), scored(40.0, days_late=2), section="A", number="012"),
        student("Ben Okri", WAITING, NOTHING, section="B", number="7"),
        student("Cora Lind", EXCUSED, scored(70.0, basis=Basis.DECIDED), section="A"),
        student("Dev Rao", scored(0.0), FAILED, email="dev@other.example", number="011"),
    ),
)


def found(**asked) -> str:
    return " ".join(each.name.split()[0] for each in selected(BOOK, Selection(**asked)))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, "ada Ben Cora Dev"),
        ({"search": "OTHER.example"}, "Dev"),
        ({"search": "01"}, "ada Dev"),
        ({"search": "byron"}, "ada"),
        ({"section": "A"}, "ada Cora"),
        ({"section": "C"}, ""),
        ({"state": State.NOT_HANDED_IN}, "Ben"),
        ({"state": State.NOT_HANDED_IN, "unit": "nn"}, ""),
        ({"state": State.WAITING}, "Ben"),
        ({"state": State.NO_SCORE}, "Ben Dev"),
        ({"state": State.NO_SCORE, "unit": "cnn"}, "Dev"),
        ({"state": State.LATE}, "ada"),
        ({"state": State.EXCUSED}, "Cora"),
        ({"state": State.DECIDED}, "Cora"),
        ({"state": State.BELOW, "unit": "nn"}, "Ben Dev"),
        ({"state": State.BELOW, "unit": "cnn", "below_percent": 70.0}, "ada Ben Dev"),
        ({"state": State.BELOW, "below_percent": 66.0}, "ada Ben Dev"),
        ({"state": State.LATE, "unit": "unknown"}, ""),
        ({"state": State.LATE, "section": "B"}, ""),
    ],
)
def test_filters(asked, names):
    assert found(**asked) == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", "ada Ben Cora Dev"),
        ("-name", "Dev Cora Ben ada"),
        ("email", "ada Ben Cora Dev"),
        ("number", "Dev ada Ben Cora"),  # whoever has none comes last
        ("-number", "Ben ada Dev Cora"),
        ("section", "ada Cora Ben Dev"),
        ("-section", "Ben ada Cora Dev"),
        ("unit:nn", "Dev ada Ben Cora"),
        ("-unit:nn", "ada Dev Ben Cora"),
        ("total", "Ben Dev Cora ada"),
        ("-share", "Cora ada Ben Dev"),
        ("nonsense", "ada Ben Cora Dev"),
    ],
)
def test_orders(sort, names):
    assert found(sort=sort) == names


def test_figures_leave_out_whoever_is_excused():
    assert figures(BOOK.students, 0) == Figures(median=45.0, handed_in=3, expected=3)
    assert figures(BOOK.students, 1) == Figures(median=55.0, handed_in=3, expected=4)
    assert figures([], 0) == Figures(None, 0, 0)
