"""The benchmark of the pages runs, on a small term."""

import subprocess
import sys

from grader.settings import CHECKOUT

SMALL = ["--students", "3", "--each", "3", "--visits", "2", "--database", "sqlite"]


def test_every_page_is_measured_and_nothing_is_published():
    command = [sys.executable, "-m", "bench.pages", *SMALL]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "| result | " in ran.stdout
    assert "9 submissions" in ran.stdout
    assert "written" not in ran.stderr
