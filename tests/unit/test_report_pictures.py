"""Drawing data from a student's program is checked before anything is drawn."""

import base64
import math

import pytest

from grader.report import pictures
from tests.pictures import make_digits, make_pictures

NOT_DATA = [None, 3, "text", [], {}, {"points": 3}, {"grid": [[1.0]]}, {"steps": "abc"}, {"pixels": {}}]
READERS = [
    pictures.read_digits,
    pictures.read_boundary,
    pictures.read_overfitting,
    pictures.read_linear_fit,
]


@pytest.mark.parametrize("data", NOT_DATA, ids=repr)
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_what_is_no_picture_is_none(read, data):
    assert not read(data)


def test_forty_digits_with_right_and_wrong():
    digits = pictures.read_digits(make_digits(wrong=(7, 22)))
    assert len(digits) == 40
    assert [number for number, digit in enumerate(digits) if not digit.right] == [7, 22]


def test_damaged_digits_are_left_out_and_odd_answers_are_no_answer():
    pixels = make_digits(())["pixels"]
    data = {
        "pixels": ["<b>", "AAAA", base64.b64encode(b"x" * 10**6).decode(), *pixels[:4], 5],
        "predicted": [0, 0, 0, math.nan, -3, 10**400, 3, 4],
        "actual": [0, 0, 0, 0, 3, 6, 99, 4],
    }
    digits = pictures.read_digits(data)
    assert [(digit.predicted, digit.actual, digit.right) for digit in digits] == [
        (None, 0, False),
        (None, 3, False),
        (None, 6, False),
    ]


def test_a_boundary_keeps_sound_points_and_probabilities():
    panel = make_pictures()["decision_boundary"]["with_relu"]
    panel["grid"][0][:3] = [math.nan, 1.5, None]
    panel["points"][:4] = [[math.nan, 0, 1], [0.1, 99, 1], [0.1, 0.1, 2], [0.1]]
    boundary = pictures.read_boundary(panel)
    assert boundary is not None
    assert boundary.grid[0][:3] == (None, None, None)
    assert len(boundary.points) == 396


@pytest.mark.parametrize(
    "change",
    [{"x_min": 9.0}, {"y_max": math.inf}, {"grid": [[0.5] * 3, [0.5] * 2]}, {"grid": [[]] * 3}],
    ids=repr,
)
def test_an_impossible_boundary_is_none(change):
    assert pictures.read_boundary({**make_pictures()["decision_boundary"]["with_relu"], **change}) is None


def test_curves_keep_gaps_and_need_all_their_steps():
    data = make_pictures()["overfitting"]
    data["with_decay"]["val_loss"][5] = math.inf
    read = pictures.read_overfitting(data)
    assert read is not None
    assert read.with_decay.val_loss[5] is None
    data["with_decay"]["val_loss"].pop()
    assert pictures.read_overfitting(data) is None
