"""No legal run of any unit reaches the time after which a grading hangs."""

import re
from pathlib import Path

import pytest

from grader.judging import mnist, mnist_runner
from grader.judging.examiner import IMPORT_WALL_FACTOR
from grader.judging.run_limit import longest_run_s
from grader.remote.importing.control import WARM_TIMEOUT_S
from grader.settings import CHECKOUT
from grader.units import Unit, load_unit

OWN_WALL = re.compile(r"\bwall_s\s*=\s*([\d.]+)")


def own_limits_s(unit: Unit) -> list[float]:
    """The wall times that tests of the unit ask for themselves."""
    files = [unit.public_tests_path, *unit.hidden_tests.rglob("*.py")]
    return [float(wall) for path in files for wall in OWN_WALL.findall(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("file", sorted((CHECKOUT / "hidden_tests").glob("*/unit.toml")), ids=str)
def test_a_run_that_uses_up_every_limit_is_not_taken_for_hanging(file: Path):
    unit = load_unit(file.parent.name, CHECKOUT)
    limits = unit.limits
    warm_up_s = 2 * WARM_TIMEOUT_S
    imports_s = 3 * IMPORT_WALL_FACTOR * limits.import_cpu_s  # the reference; the student's, twice
    tests_s = limits.total_wall_s + max([limits.test_wall_s, *own_limits_s(unit)])
    mnist_s = mnist.MAX_RUNS * 2 * mnist_runner.LIMITS.wall_s if unit.mnist else 0
    assert longest_run_s(unit) > warm_up_s + imports_s + tests_s + mnist_s
