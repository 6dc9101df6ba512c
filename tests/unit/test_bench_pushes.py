"""The benchmark of pushes runs, on a few, and finds nothing lost."""

import subprocess
import sys

from grader.settings import CHECKOUT


def test_pushes_are_measured_and_nothing_is_published():
    command = [sys.executable, "-m", "bench.pushes", "--pushes", "2", "--database", "sqlite"]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "| showed the score | 2 |" in ran.stdout
    assert "| **lost** | 0 |" in ran.stdout
    assert "written" not in ran.stderr
