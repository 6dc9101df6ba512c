"""The benchmark of the gradebook runs, on a small course, and finds its files right."""

import subprocess
import sys

from grader.settings import CHECKOUT

SMALL = ["--students", "20", "--each", "5", "--visits", "2", "--database", "sqlite"]


def test_pages_and_files_are_measured_and_nothing_is_published():
    command = [sys.executable, "-m", "bench.gradebook", *SMALL]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "| all students | " in ran.stdout
    assert "| file: xlsx | " in ran.stdout
    assert ", 0 |" in ran.stdout, "no cell differs"
    assert "written" not in ran.stderr
