"""What tests and training cost without any grader: the reference, imported into one plain process.

`python -m bench.in_process tests|mnist` prints a JSON object of CPU seconds. It runs in a process
of its own, started by `cost_of`, so that each measurement begins alike.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import runpy
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace

from grader.settings import load_settings
from grader.units import Unit, load_unit


def cost_of(what: str, unit_name: str) -> dict[str, float]:
    """Return CPU seconds: of "public_tests" and "all_tests" for "tests", of "mnist" for "mnist"."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.in_process", what, unit_name],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


@contextlib.contextmanager
def imported_reference(unit: Unit) -> Iterator[SimpleNamespace]:
    """Import the reference here and give all its names; afterwards it is forgotten."""
    sys.path.insert(0, str(unit.reference))
    try:
        modules = [importlib.import_module(name) for name in unit.modules]
        yield SimpleNamespace(**{name: value for module in modules for name, value in vars(module).items()})
    finally:
        sys.path.remove(str(unit.reference))
        top = unit.package.partition(".")[0]
        for name in [name for name in sys.modules if name.partition(".")[0] == top]:
            del sys.modules[name]


def _tests_cpu_s(unit: Unit) -> dict[str, float]:
    """Run all tests by plain pytest and add up the CPU time of their bodies."""
    import pytest

    from grader.judging.evidence import Evidence, Recorder

    class Bodies:
        def __init__(self) -> None:
            self.cpu_s = {"public_tests": 0.0, "all_tests": 0.0}

        @pytest.fixture
        def hint(self) -> Evidence:
            return Evidence()

        @pytest.fixture
        def record(self) -> Recorder:
            return Recorder()

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
            start_s = time.process_time()
            answer = yield
            used_s = time.process_time() - start_s
            self.cpu_s["all_tests"] += used_s
            if item.path == unit.public_tests_path.resolve():
                self.cpu_s["public_tests"] += used_s
            return answer

    bodies = Bodies()
    options = ["--capture=no", "-qq", "-p", "no:cacheprovider", "-p", "no:json-report", "-p", "no:timeout"]
    files = [str(path.resolve()) for path in (unit.public_tests_path, unit.hidden_tests)]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        code = pytest.main([*files, f"--config-file={os.devnull}", *options], plugins=[bodies])
    if code:
        raise SystemExit(f"the reference fails in-process:\n{output.getvalue()[-2000:]}")
    return bodies.cpu_s


def _mnist_cpu_s(unit: Unit, reference: SimpleNamespace) -> dict[str, float]:
    """Train and predict as the judge's timed run does, and return the CPU time of that."""
    import torch

    from grader.datasets import load_mnist
    from grader.judging.mnist_data import MEAN, SD, prepare
    from grader.judging.mnist_runner import BATCH_SIZE
    from grader.remote.host.data import Batches

    assert unit.mnist is not None
    recipe = SimpleNamespace(**runpy.run_path(str(unit.hidden_tests / "mnist_recipe.py")))
    data = prepare(load_mnist(load_settings().mnist_dir), seed=0)
    loader = Batches(data.train_pixels, data.train_labels, BATCH_SIZE, MEAN, SD)
    start_s = time.process_time()
    model = recipe.build(reference)
    optimizer = recipe.optimizer(reference, model)
    for _ in range(unit.mnist.epochs):
        recipe.train_epoch(reference, model, loader, optimizer)
        with torch.no_grad():
            recipe.predict(reference, model, data.validation_images)
    with torch.no_grad():
        recipe.predict(reference, model, data.test_images)
    return {"mnist": time.process_time() - start_s}


def main(what: str, unit_name: str) -> None:
    """Measure and print."""
    import torch

    torch.set_num_threads(1)
    unit = load_unit(unit_name, load_settings().units_root)
    with imported_reference(unit) as reference:
        print(json.dumps(_tests_cpu_s(unit) if what == "tests" else _mnist_cpu_s(unit, reference)))


if __name__ == "__main__":
    main(*sys.argv[1:])
