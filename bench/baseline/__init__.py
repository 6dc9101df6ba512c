"""The plain baseline: one `docker run` per submission, pytest in the student's own process.

It is what the grader is compared with, not a suggestion: here a hand-in can read the tests and
write its own verdicts. It gets the same image, interpreter, limits and environment as a sandbox,
and runs the public tests only, because it could not keep hidden ones hidden.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.types import Mount

from bench.baseline.image import plain_image
from grader.errors import SandboxError
from grader.sandbox import contents, docker_host
from grader.sandbox.interface import Limits
from grader.settings import Settings
from grader.submissions.archive import read_submission
from grader.units import Unit

RESULT_LINE = re.compile(rb"::\S+.* (PASSED|FAILED|ERROR|SKIPPED)")


@dataclass(frozen=True)
class BaselineRun:
    """One run. Wall times count from the decision to grade; `cpu_s` is the container's own account."""

    first_result_s: float
    wall_s: float
    cpu_s: float


class Baseline:
    """Grades one submission's public tests, again and again; make it with `prepared_baseline`."""

    def __init__(self, client: docker.DockerClient, image: str, unit: Unit, folder: Path):
        self._client = client
        self._image = image
        self._unit = unit
        self._folder = folder

    def run(self) -> BaselineRun:
        """Run one container from creation to its read report; SandboxError if a test fails in it."""
        out = self._folder / "out"
        start_s = time.perf_counter()
        container = self._client.containers.create(**self._options(out))
        try:
            stream = container.attach(stream=True)
            container.start()
            first_result_s, output = _watch(stream, start_s)
            container.wait()
            report = json.loads((out / "report.json").read_text())
            wall_s = time.perf_counter() - start_s
        finally:
            container.remove(force=True)
        if report["summary"].get("passed", 0) != report["summary"]["total"]:
            raise SandboxError(f"the reference fails in the plain baseline: {report['summary']}")
        return BaselineRun(first_result_s, wall_s, _cpu_s(output))

    def _options(self, out: Path) -> dict[str, Any]:
        limits = Limits()
        return {
            "image": self._image,
            "command": ["sh", "/opt/grade.sh", self._unit.public_tests],
            "working_dir": "/submission",
            "environment": {k: v for k, v in contents.ENVIRONMENT.items() if k != "PYTHONPATH"},
            "mounts": [
                Mount("/submission", str(self._folder / "submission"), type="bind", read_only=True),
                Mount("/out", str(out), type="bind"),
            ],
            "network_mode": "none",
            "mem_limit": self._unit.limits.memory_bytes,
            "pids_limit": self._unit.limits.pids,
            "nano_cpus": round(limits.cpus * 1e9),
        }


@contextmanager
def prepared_baseline(unit: Unit, settings: Settings) -> Iterator[Baseline]:
    """Lay out the reference as a submission, which is removed afterwards; the image is kept."""
    client = docker_host.connect()
    image = plain_image(client, settings)
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        files = read_submission(unit.reference, unit.package, unit.required_files).files
        for path, content in files.items():
            (folder / "submission" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "submission" / path).write_bytes(content)
        tests = folder / "submission" / unit.public_tests
        tests.parent.mkdir(exist_ok=True)
        shutil.copyfile(unit.public_tests_path, tests)
        (folder / "out").mkdir()
        (folder / "out").chmod(0o777)  # the container's user writes its report there
        try:
            yield Baseline(client, image, unit, folder)
        finally:
            client.close()


def _watch(stream: Iterator[bytes], start_s: float) -> tuple[float, bytes]:
    """Return when the first verdict was printed, in seconds since `start_s`, and the whole output."""
    output, first_result_s = b"", 0.0
    for chunk in stream:
        output += chunk
        if not first_result_s and RESULT_LINE.search(output):
            first_result_s = time.perf_counter() - start_s
    return first_result_s, output


def _cpu_s(output: bytes) -> float:
    words = output.split()
    return int(words[-1]) / (1e6 if words[-2] == b"usage_usec" else 1e9)
