"""The judge: one submission in, one GradingResult out. The same path for the CLI and the service.

Theory of operation. The submission is loaded into a warm sandbox and tested by ordinary pytest in
this process, with a fresh session per test, while a process of its own reads it statically; then it
trains on MNIST in turns with the reference. Points are a pure function of the verdicts. What the
student's code does is a value in the result; what goes wrong on our side is an exception.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from grader.datasets import Mnist
from grader.errors import UnitError
from grader.judging import mnist as mnist_run
from grader.judging import scoring
from grader.judging.causes import outcome_of_import
from grader.judging.events import EpochFinished, OnEvent, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.job import Job
from grader.judging.messages import NAME_OF_ANOTHER_KIND, import_message
from grader.judging.mnist_data import RunData, prepare
from grader.judging.mnist_runner import Runner
from grader.judging.oddities import oddities
from grader.judging.plugin import HIDDEN_PREFIX, GradingPlugin, TestPlace
from grader.judging.provenance import describe_run
from grader.judging.result import GradingResult, MnistResult, Status, TestResult, Visibility
from grader.judging.seeding import derive_seed
from grader.judging.static_reading import Reading, read_sources
from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import RemoteImport, RemotePackage
from grader.units import Unit

RECIPE_FILE = "mnist_recipe.py"
CHANCE_ACCURACY = 0.3


@dataclass
class Bench:
    """The warm equipment that one run uses up: two sandboxes' hosts and the data."""

    unit: Unit
    student: StudentHost
    student_package: RemotePackage
    reference: StudentHost
    reference_package: RemotePackage
    sandbox_name: str
    sandbox_digest: str
    core: int
    mnist: Mnist | None


@dataclass
class _Run:
    """What one run has found so far."""

    job: Job
    bench: Bench
    on_event: OnEvent
    timings_s: dict[str, float] = field(default_factory=dict)
    pictures: dict[str, Any] = field(default_factory=dict)

    @contextlib.contextmanager
    def phase(self, name: str, title: str) -> Iterator[None]:
        """Announce a part of the run and time it."""
        self.on_event(PhaseStarted(name, title))
        start_s = time.monotonic()
        yield
        self.timings_s[name] = round(time.monotonic() - start_s, 3)
        self.on_event(PhaseFinished(name, self.timings_s[name]))


def judge(job: Job, bench: Bench, on_event: OnEvent) -> GradingResult:
    """Grade one submission; raises SandboxError or UnitError when the failure is ours."""
    unit = bench.unit
    run = _Run(job, bench, on_event)
    with ThreadPoolExecutor(1) as reader:
        future = reader.submit(
            read_sources, job.files, unit.package, unit.off_limits.apis, unit.off_limits.noted
        )
        plugin = _load_and_test(run)
        reading = future.result()
    tests = scoring.explain(plugin.results, {place.id: place.explains for place in plugin.places})
    mnist = None
    if job.with_mnist and unit.mnist is not None:
        with run.phase("mnist", "Training on MNIST"):
            mnist = scoring.single_out(_suspect_weights(unit, _run_mnist(run), reading), tests)
        tests += scoring.mnist_tests(unit, mnist)
    odd = oddities(tests, mnist)
    tests += scoring.off_limits_test(unit, reading.off_limits)
    return GradingResult(
        unit=unit.name,
        status=Status.GRADED,
        score=scoring.total(tests),
        tests=tuple(tests),
        mnist=mnist,
        review=(*job.review, *reading.off_limits, *reading.noted, *reading.suspicious, *odd),
        ignored=job.ignored,
        notes=job.notes,
        pictures=run.pictures,
        provenance=describe_run(job, bench, run.timings_s),
    )


def _load_and_test(run: _Run) -> GradingPlugin:
    with run.phase("loading", "Loading the package"):
        run.bench.student.load(run.job.files)
    with run.phase("tests", "Running the tests"):
        return _run_tests(run)


def place_test(unit: Unit, item: pytest.Item) -> TestPlace:
    """Return where a collected test stands; UnitError if a hidden test names no group."""
    name = item.nodeid.partition("::")[2]
    if item.path == unit.public_tests_path.resolve():
        test_id = f"{unit.public_tests}::{name}"
        return TestPlace(test_id, Visibility.PUBLIC, unit.public_group(test_id), ())
    group = item.get_closest_marker("group")
    if group is None:
        raise UnitError(f"unit {unit.name}: hidden test {item.nodeid} has no @pytest.mark.group")
    explained = tuple(str(test_id) for marker in item.iter_markers("explains") for test_id in marker.args)
    test_id = f"{HIDDEN_PREFIX}{item.path.name}::{name}"
    return TestPlace(test_id, Visibility.HIDDEN, str(group.args[0]), explained)


def _run_tests(run: _Run) -> GradingPlugin:
    """Run all tests; UnitError if they can't be collected whatever the package offers."""
    package = run.bench.student_package
    plugin, output = _run_pytest(run)
    if plugin.collection_errors and package.import_error is None:
        # A test file that subclasses a name of the package can't be imported where that name is no class.
        package.learn({"error": ["TypeError", "TypeError", NAME_OF_ANOTHER_KIND, None, [], None]})
        second, _ = _run_pytest(run)
        plugin = plugin if second.collection_errors else second
    if plugin.problem is not None:
        raise plugin.problem
    if plugin.collection_errors or not plugin.results or len(plugin.results) != len(plugin.places):
        problems = "\n".join(plugin.collection_errors) or output[-2000:]
        raise UnitError(f"unit {run.bench.unit.name}: its tests can't be run:\n{problems}")
    run.pictures |= plugin.pictures
    return plugin


def _run_pytest(run: _Run) -> tuple[GradingPlugin, str]:
    bench, unit = run.bench, run.bench.unit
    limits = unit.limits

    def on_result(result: TestResult, done: int, total: int) -> None:
        run.on_event(TestFinished(result, done, total))

    plugin = GradingPlugin(
        host=bench.student,
        package=bench.student_package,
        files=run.job.files,
        limits=SessionLimits(limits.test_cpu_s, limits.test_wall_s, limits.output_bytes),
        total_wall_s=limits.total_wall_s,
        seed=run.job.seed,
        place=partial(place_test, unit),
        share_points=partial(scoring.share_points, unit),
        make_hint=unit.hint,
        on_result=on_result,
    )
    output = io.StringIO()
    with (
        RemoteImport(bench.student_package),
        _test_modules_forgotten(unit),
        contextlib.redirect_stdout(output),
    ):
        pytest.main(
            [
                str(unit.public_tests_path.resolve()),
                str(unit.hidden_tests.resolve()),
                f"--rootdir={unit.hidden_tests.resolve()}",
                f"--config-file={os.devnull}",
                "--capture=no",
                "-qq",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:json-report",
            ],
            plugins=[plugin],
        )
    return plugin, output.getvalue()


@contextlib.contextmanager
def _test_modules_forgotten(unit: Unit) -> Iterator[None]:
    """Undo what pytest imports: a test module keeps the names of the submission it was imported for."""
    search_path = list(sys.path)
    folders = tuple(f"{folder.resolve()}{os.sep}" for folder in (unit.hidden_tests, unit.template))
    try:
        yield
    finally:
        sys.path[:] = search_path
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(folders):
                del sys.modules[name]


def _run_mnist(run: _Run) -> MnistResult:
    bench, unit = run.bench, run.bench.unit
    assert unit.mnist is not None
    if bench.student_package.import_error is not None:
        outcome = outcome_of_import(bench.student_package.import_cut_short)
        message = import_message(bench.student_package.import_failure())
        return mnist_run.not_run(unit.mnist, outcome, message)
    if bench.mnist is None:
        raise UnitError(f"unit {unit.name} asks for MNIST, but the data were not loaded")
    recipe = _load_recipe(unit)

    def make_runners(data: RunData) -> tuple[Runner, Runner]:
        return (
            Runner(bench.student, bench.student_package, recipe, data, run.job.seed),
            Runner(bench.reference, bench.reference_package, recipe, data, run.job.seed),
        )

    for host in (bench.student, bench.reference):
        host.pin(bench.core)
    data = prepare(bench.mnist, run.job.seed)
    result, pictures = mnist_run.run_mnist(
        unit,
        unit.mnist,
        bench.mnist,
        data,
        make_runners,
        lambda number, of, student, reference: run.on_event(EpochFinished(number, of, student, reference)),
    )
    run.pictures |= pictures
    return result


def _suspect_weights(unit: Unit, mnist: MnistResult, reading: Reading) -> MnistResult:
    """Name shipped weights where both the code and an accuracy near chance speak for them."""
    ships = any(flag.code == "pretrained-weights" for flag in reading.suspicious)
    if ships and mnist.epochs and mnist.accuracy < CHANCE_ACCURACY:
        return replace(mnist, hint=unit.hint("pretrained-weights"))
    return mnist


def _load_recipe(unit: Unit) -> ModuleType:
    path = unit.hidden_tests / RECIPE_FILE
    spec = importlib.util.spec_from_file_location(f"recipe_{derive_seed(0, unit.digest)}", path)
    if spec is None or spec.loader is None:
        raise UnitError(f"unit {unit.name}: {path} is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
