"""`grader demo`: the whole service as a newcomer meets it, through the HTTP API, in a real sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import SandboxUnavailable
from grader.grading import prepared_sandbox
from grader.report.json_schema import validate_report
from grader.settings import CHECKOUT, load_settings


def test_it_fills_a_course_grades_it_and_ends_by_itself_without_a_terminal():
    settings = load_settings()
    try:
        prepared_sandbox(None, settings, lambda line: None)
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox: {error}")
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "demo"],
        cwd=CHECKOUT,
        env=os.environ | {"GRADER_LISTEN": "127.0.0.1:0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "ada, reference: graded: 100 of 100 points" in done.stdout
    assert "cora, untouched: graded: 0 of 100 points" in done.stdout
    assert done.stdout.count(": graded: ") == 4
    assert "password" not in done.stdout  # nobody is there to sign in
    folder = Path(settings.data_dir) / "demo"
    report = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    validate_report(report)
    assert report["score"] == 100
    assert "<svg" in (folder / "reference.html").read_text(encoding="utf-8")
    assert "Traceback" not in (folder / "service.log").read_text(encoding="utf-8")
