"""A worker of its own process that grades for real, without MNIST: `python -m tests.jobs.real_worker SLOTS`.

It prints `ready` once it takes runs, and logs to stderr.
"""

import sys
from functools import partial

import structlog

from grader.jobs.examiners import Examiners
from grader.jobs.worker import run_worker
from grader.settings import load_settings

if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    run_worker(
        load_settings(),
        int(sys.argv[1]),
        on_ready=lambda: print("ready", flush=True),
        make_grader=partial(Examiners, with_mnist=False),
    )
