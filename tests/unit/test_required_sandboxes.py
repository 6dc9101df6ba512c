"""In CI a skipped test is a failed one: `tests/conftest.py`, exercised by a run of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPS = {
    "in a test": "import pytest\ndef test_it(): pytest.skip('no engine answers')",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no engine answers')\ndef test_it(): pass",
    "a whole module": "import pytest\npytest.skip('no engine answers', allow_module_level=True)",
}


def run_pytest(test_file: Path, required: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", os.devnull, str(test_file)],
        cwd=ROOT,
        env={**os.environ, "GRADER_REQUIRE_SANDBOXES": required},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_fails_where_sandboxes_are_required(tmp_path: Path, source: str):
    test_file = tmp_path / "test_skip.py"
    test_file.write_text(source, encoding="utf-8")

    required = run_pytest(test_file, "docker,bubblewrap")
    assert required.returncode not in (0, 5)
    assert "no engine answers" in required.stdout

    free = run_pytest(test_file, "")
    assert free.returncode in (0, 5)
    assert "1 skipped" in free.stdout


def test_expected_failures_are_no_skips(tmp_path: Path):
    test_file = tmp_path / "test_xfail.py"
    test_file.write_text("import pytest\n@pytest.mark.xfail\ndef test_it(): assert False", encoding="utf-8")
    assert run_pytest(test_file, "docker").returncode == 0
