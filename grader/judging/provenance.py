"""Where a result came from: everything needed to get the same verdicts again."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from grader.judging.mnist_data import DATA_VERSION

if TYPE_CHECKING:
    from grader.judging.job import Job
    from grader.judging.judge import Bench
    from grader.units import Unit


def describe_request(unit: Unit, seed: int, *, with_mnist: bool) -> dict[str, Any]:
    """Return what is known before anything is run."""
    return {"unit_digest": unit.digest, "seed": seed, "with_mnist": with_mnist}


def describe_run(job: Job, bench: Bench, timings_s: dict[str, float]) -> dict[str, Any]:
    """Return the provenance object of the report."""
    return {
        **describe_request(bench.unit, job.seed, with_mnist=job.with_mnist),
        "submission_digest": job.digest,
        "sandbox": bench.sandbox_name,
        "root_digest": bench.sandbox_digest,
        "python": bench.student.versions.get("python", ""),
        "torch": bench.student.versions.get("torch", ""),
        "grader_python": platform.python_version(),
        "grader_torch": torch.__version__,
        "cpu_model": cpu_model(),
        "cores": os.cpu_count(),
        "core": bench.core,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "mnist_data": DATA_VERSION,
        "limits": asdict(bench.unit.limits),
        "timings_s": timings_s,
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def cpu_model() -> str:
    """Return the processor's name as the kernel gives it, or the architecture."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
