"""A unit is read once while its files stay as they are, anew when they change, by any number of threads."""

import shutil
import threading
from pathlib import Path

import pytest

from grader.settings import CHECKOUT
from grader.unit_cache import current_unit
from grader.units import load_unit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for kind in ("hidden_tests", "reference", "student_template"):
        shutil.copytree(CHECKOUT / kind / "nn", tmp_path / kind / "nn")
    return tmp_path


def test_it_is_the_unit_and_read_once(root: Path):
    unit = current_unit("nn", root)
    assert unit == load_unit("nn", root)
    assert current_unit("nn", root) is unit


def test_a_change_is_seen(root: Path):
    before = current_unit("nn", root)
    path = root / "hidden_tests" / "nn" / "unit.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a change\n", encoding="utf-8")
    assert current_unit("nn", root).digest != before.digest


def test_threads_may_ask_at_the_same_time(tmp_path: Path):
    roots = [tmp_path / str(number) for number in range(8)]
    for root in roots:
        root.mkdir()
        for kind in ("hidden_tests", "reference", "student_template"):
            (root / kind).symlink_to(CHECKOUT / kind)
    start, titles = threading.Barrier(len(roots)), []

    def ask(root: Path) -> None:
        start.wait()
        titles.append(current_unit("nn", root).title)

    threads = [threading.Thread(target=ask, args=(root,)) for root in roots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(titles) == len(roots)
