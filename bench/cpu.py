"""CPU seconds of one hand-in outside the tests' own code, beside the plain baseline's.

Counted is the CPU time of everything that exists for this one hand-in: for the grader the trusted
process and what it starts, and both sandboxes by the kernel's account of their control groups, from
the fork of the examiner on; for the baseline the container. Taken off is what the same test bodies
(the student's code and the tests') and the same training use in one plain process. What remains is
the price of grading: start-up, imports, pytest, forks, messages; and in MNIST the reference's run.
The fork server's own start and the container engine's work are in neither.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
from contextlib import ExitStack
from multiprocessing.connection import Connection

from bench.in_process import cost_of
from bench.measurements import PLAIN, Measurements
from bench.subjects import Subject
from bench.submissions import plain_baseline
from grader.judging import examiner
from grader.judging.events import Event, PhaseFinished, TestFinished
from grader.judging.job import Job
from grader.judging.judge import Bench, judge
from grader.judging.result import Visibility
from grader.settings import Settings


def measure(subject: Subject, measurements: Measurements, repetitions: int) -> None:
    """Account for whole runs, with MNIST, in turns with the baseline and the plain process."""
    unit = subject.unit
    with ExitStack() as stack:
        baseline = plain_baseline(stack, subject)
        for number in range(repetitions):
            subject.progress(f"cpu: round {number + 1} of {repetitions}")
            bodies = cost_of("tests", unit.name) | cost_of("mnist", unit.name)
            if baseline is not None:
                cpu_s = baseline.run().cpu_s
                measurements.add("cpu_public_s", PLAIN, cpu_s)
                measurements.add("cpu_public_outside_s", PLAIN, cpu_s - bodies["public_tests"])
            for backend in subject.sandboxes:
                job = subject.job(number, with_mnist=True)
                used_s = _account(unit.name, backend.name, subject.settings, job)
                warm_s, tests_s = used_s["warm"], used_s["tests"]
                for row, value in (
                    ("cpu_warm_up_s", warm_s),
                    ("cpu_public_s", used_s["public"]),
                    ("cpu_public_outside_s", used_s["public"] - bodies["public_tests"]),
                    ("cpu_tests_outside_s", tests_s - bodies["all_tests"]),
                    ("cpu_mnist_outside_s", used_s["mnist"] - tests_s - bodies["mnist"]),
                ):
                    measurements.add(row, backend.name, value)


def _account(unit_name: str, sandbox: str, settings: Settings, job: Job) -> dict[str, float]:
    """Grade in a forked examiner; return the CPU seconds used by the end of each part."""
    context = multiprocessing.get_context("forkserver")  # the pool's own way to start an examiner
    context.set_forkserver_preload([examiner.__name__])
    ours, theirs = context.Pipe()
    process = context.Process(target=_examine, args=(theirs, unit_name, sandbox, settings, job))
    process.start()
    theirs.close()
    try:
        return dict(ours.recv())
    finally:
        process.join()


def _examine(connection: Connection, unit_name: str, sandbox: str, settings: Settings, job: Job) -> None:
    """Be the examiner, with a look at the accounts after each part."""
    used_s: dict[str, float] = {}
    with contextlib.ExitStack() as stack:
        bench = examiner._set_up(stack, unit_name, sandbox, settings)
        used_s["warm"] = _cpu_s(bench)

        def on_event(event: Event) -> None:
            if isinstance(event, TestFinished) and event.result.visibility == Visibility.PUBLIC:
                used_s["public"] = _cpu_s(bench)
            elif isinstance(event, PhaseFinished):
                used_s[event.name] = _cpu_s(bench)

        judge(job, bench, on_event)
        connection.send(used_s)


def _cpu_s(bench: Bench) -> float:
    """Return what this process, its ended children and both sandboxes have used so far.

    bwrap is a child too, but lives on, and a living child is not in our account: nothing counts twice.
    """
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    trusted_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return trusted_s + sum(host.sandbox.usage().cpu_s for host in (bench.student, bench.reference))
