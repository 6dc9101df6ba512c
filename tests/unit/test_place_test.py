"""Where the judge places collected tests: documented ids, their groups, and what they explain."""

import os
from pathlib import Path

import pytest

from grader.errors import UnitError
from grader.judging.judge import place_test
from grader.judging.plugin import TestPlace
from grader.judging.result import Visibility
from grader.settings import CHECKOUT
from grader.units import load_unit

NN = load_unit("nn", CHECKOUT)
HIDDEN_TESTS = """
import pytest

@pytest.mark.group("linear")
class TestRows:
    @pytest.mark.explains("tests/test_nn.py::test_linear_forward_hand_computed")
    @pytest.mark.parametrize("name", ["a::b"])
    def test_each(self, name):
        pass

    def test_all(self):
        pass

def test_without_a_group():
    pass
"""


class Collector:
    """Keeps the items that pytest collects."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def collected(path: Path) -> list[pytest.Item]:
    collector = Collector()
    arguments = [str(path), "--collect-only", "-qq", f"--config-file={os.devnull}", "-p", "no:cacheprovider"]
    pytest.main([*arguments, "-W", "ignore", f"--rootdir={path.parent}"], plugins=[collector])
    return collector.items


def test_hidden_tests_keep_their_class_and_parameters(tmp_path: Path):
    path = tmp_path / "test_rows.py"
    path.write_text(HIDDEN_TESTS, encoding="utf-8")
    each, every, ungrouped = collected(path)
    explained = ("tests/test_nn.py::test_linear_forward_hand_computed",)
    assert place_test(NN, each) == TestPlace(
        "hidden/test_rows.py::TestRows::test_each[a::b]", Visibility.HIDDEN, "linear", explained
    )
    assert place_test(NN, every).id == "hidden/test_rows.py::TestRows::test_all"
    with pytest.raises(UnitError, match=r"test_without_a_group has no @pytest\.mark\.group"):
        place_test(NN, ungrouped)
