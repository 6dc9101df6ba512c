"""Archives built to hurt are refused, each for its own reason, in bounded memory."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import RejectedError
from grader.submissions.archive import read_archive_bytes
from tests.submissions.archives.hostile import CASES, zip_twice, zip_with
from tests.submissions.archives.packing import PACKAGE, REQUIRED

ROOT = Path(__file__).parents[2]
MEMORY_BOUND_MIB = 400  # 32 archive + 64 content + 128 stream, and Python itself

MEASURE = """
import sys
from grader.errors import RejectedError
from grader.submissions.archive import read_archive_bytes
data = sys.stdin.buffer.read()
try:
    read_archive_bytes(data, "x", "g2c.nn", ("modules.py",))
except RejectedError:
    status = open("/proc/self/status").read()
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.parametrize("case", CASES)
def test_hostile_archive_is_refused(case):
    code, build = CASES[case]
    with pytest.raises(RejectedError) as caught:
        read_archive_bytes(build(), "handin", PACKAGE, REQUIRED)
    assert code in {rejection.code for rejection in caught.value.rejections}
    for rejection in caught.value.rejections:
        assert rejection.text.endswith(".") and rejection.text.isprintable()
        assert rejection.path.isprintable()


@pytest.mark.parametrize(
    "case", [case for case in CASES if "bomb" in case or "lies" in case or "chain" in case]
)
def test_memory_stays_bounded(case):
    data = CASES[case][1]()
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=data, cwd=ROOT, check=True, capture_output=True, timeout=120
    )
    assert int(done.stdout) < MEMORY_BOUND_MIB


def test_all_problems_are_told_at_once():
    with pytest.raises(RejectedError) as caught:
        read_archive_bytes(zip_with("../evil.py"), "x.zip", PACKAGE, ("modules.py", "more.py"))
    assert [r.code for r in caught.value.rejections] == ["unsafe-path"]
    with pytest.raises(RejectedError) as caught:
        read_archive_bytes(zip_with("fast.so"), "x.zip", PACKAGE, ("modules.py", "more.py"))
    assert [r.code for r in caught.value.rejections] == ["off-limits-file", "file-missing"]


def test_a_refused_file_is_not_called_missing_too():
    data = zip_twice("g2c/nn/extra.py", "g2c/nn/EXTRA.py")
    with pytest.raises(RejectedError) as caught:
        read_archive_bytes(data, "x.zip", PACKAGE, ("modules.py", "EXTRA.py"))
    assert [r.code for r in caught.value.rejections] == ["name-collision"]


def test_nothing_is_opened_for_writing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        read_archive_bytes(zip_with("data.bin", bytes(100_000)), "x.zip", PACKAGE, REQUIRED)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
