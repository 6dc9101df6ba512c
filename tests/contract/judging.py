"""The real judge on warm sandboxes that all tests share, and a small unit that makes it quick.

The small unit is `nn` with a handful of tests: enough to tell which of them a hand-in spoils.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

from grader.datasets import Mnist
from grader.grading import make_job
from grader.judging.events import Event
from grader.judging.examiner import set_up
from grader.judging.job import Job
from grader.judging.judge import Bench, judge
from grader.judging.result import GradingResult
from grader.judging.samples import Sample, load_samples
from grader.sandbox.interface import Backend
from grader.sandbox.selection import choose
from grader.settings import CHECKOUT, load_settings
from grader.units import Unit, load_unit

SEED = 11
TRAIN_IMAGES, TEST_IMAGES = 8_000, 500  # of the training images, 5,000 validate
NN = load_unit("nn", CHECKOUT)
SAMPLES = {sample.name: sample for sample in load_samples(CHECKOUT / "tests" / "submissions" / "nn")}
TRAINING = "        loss = loss_fn(model(images.flatten(start_dim=1)), labels)\n"  # the reference's
PUBLIC_TESTS = """
import pytest, torch
from g2c.nn import Linear, ReLU, Sequential, Sigmoid, Tanh

patient = pytest.mark.limits(cpu_s=60.0, wall_s=120.0)  # never spoilt by a hang elsewhere, or a busy machine

def agree(got, expected):
    return (isinstance(got, torch.Tensor) and got.shape == expected.shape and got.dtype == expected.dtype
            and torch.allclose(got, expected, atol=1e-6))

@patient
def test_linear_before_all_others():
    layer, x = Linear(3, 2), torch.randn(4, 3)
    assert agree(layer(x), x @ layer.W + layer.b)

def test_tanh():
    x = torch.randn(4, 3)
    expected = torch.tanh(x)
    assert agree(Tanh()(x), expected)

def test_relu():
    x = torch.randn(4, 3)
    assert agree(ReLU()(x), x.clamp(min=0))
"""
HIDDEN_TESTS = """
import pytest, torch
from g2c.nn import Linear, Sequential, Sigmoid
from test_nn import agree, patient

@pytest.mark.group("activations")
def test_sigmoid():
    x = torch.randn(4, 3)
    expected = 1 / (1 + torch.exp(-x))
    assert agree(Sigmoid()(x), expected), "sigmoid"

@pytest.mark.group("sequential")
def test_parameters():
    assert len(list(Sequential(Linear(3, 2), Linear(2, 1)).parameters())) == 4

@patient
@pytest.mark.group("linear")
def test_linear_after_all_others():
    layer, x = Linear(3, 2), torch.randn(4, 3)
    layer(x).sum().backward()
    assert agree(layer.W.grad, x.sum(dim=0).unsqueeze(1).expand(3, 2))
"""


def small_unit(folder: Path, hidden_tests: str = HIDDEN_TESTS) -> Unit:
    """The unit `nn` with few tests, less memory and disk, and a short time to import."""
    template, hidden = folder / "template", folder / "hidden"
    (template / "tests").mkdir(parents=True)
    hidden.mkdir()
    (template / "tests" / "test_nn.py").write_text(PUBLIC_TESTS, encoding="utf-8")
    (hidden / "test_hidden.py").write_text(hidden_tests, encoding="utf-8")
    shutil.copy(NN.hidden_tests / "mnist_recipe.py", hidden)
    return dataclasses.replace(
        NN,
        template=template,
        hidden_tests=hidden,
        points={"linear": 40.0, "activations": 30.0, "sequential": 15.0},
        given=frozenset(),
        limits=dataclasses.replace(
            NN.limits, import_cpu_s=2.0, memory_bytes=1024**3, tmp_bytes=16 * 1024**2, pids=48
        ),
    )


def with_test_limits(bench: Bench, cpu_s: float, wall_s: float) -> Bench:
    """The bench with other limits for each test."""
    limits = dataclasses.replace(bench.unit.limits, test_cpu_s=cpu_s, test_wall_s=wall_s)
    return dataclasses.replace(bench, unit=dataclasses.replace(bench.unit, limits=limits))


def with_time_enough(bench: Bench) -> Bench:
    """The bench with time enough to fill all memory, as slow as that is on a crowded machine."""
    return with_test_limits(bench, cpu_s=60.0, wall_s=120.0)


@contextlib.contextmanager
def warm_bench(backend: Backend, unit: Unit, *, with_mnist: bool) -> Iterator[Bench]:
    """Two warm sandboxes for the unit, fit for any number of hand-ins."""
    with contextlib.ExitStack() as stack:
        yield set_up(stack, unit, backend, load_settings(), with_mnist=with_mnist)


@contextlib.contextmanager
def short_mnist_bench(folder: Path) -> Iterator[Bench]:
    """A bench whose runs take a second or two; what they must reach is less, and time is never too long."""
    assert NN.mnist is not None
    rules = dataclasses.replace(NN.mnist, epochs=2, threshold=0.6, max_ratio=1000.0)
    unit = dataclasses.replace(small_unit(folder), mnist=rules)
    with warm_bench(choose("auto", load_settings()), unit, with_mnist=True) as warm:
        assert warm.mnist is not None
        part = Mnist(
            warm.mnist.train_images[:TRAIN_IMAGES],
            warm.mnist.train_labels[:TRAIN_IMAGES],
            warm.mnist.test_images[:TEST_IMAGES],
            warm.mnist.test_labels[:TEST_IMAGES],
        )
        yield dataclasses.replace(warm, mnist=part)


def job_for(path: Path, *, seed: int = SEED, with_mnist: bool = False, **changes: str) -> Job:
    """The hand-in at `path`; `changes` replaces the text of files of the package, by module name."""
    job = make_job(path, NN, seed, with_mnist=with_mnist)
    replaced = {f"g2c/nn/{module}.py": text.encode() for module, text in changes.items()}
    assert replaced.keys() <= job.files.keys()
    return dataclasses.replace(job, files={**job.files, **replaced})


def solved_with(*, module: str, old: str, new: str) -> dict[str, str]:
    """The reference's module with one text in it replaced, as a change for `job_for`."""
    text = (NN.reference / "g2c" / "nn" / f"{module}.py").read_text(encoding="utf-8")
    assert old in text
    return {module: text.replace(old, new)}


def sample_job(sample: Sample, folder: Path, *, with_mnist: bool = False) -> Job:
    """A sample submission, read from a folder as any hand-in is; RejectedError if intake refuses it."""
    sample.write_to(folder, NN.reference)
    return job_for(folder, with_mnist=with_mnist)


def graded(job: Job, bench: Bench, events: list[Event] | None = None) -> GradingResult:
    """The judge's result."""
    return judge(job, bench, [].append if events is None else events.append)


def verdicts(result: GradingResult) -> dict[str, str]:
    """Each test's name with its outcome."""
    return {test.id.rpartition("::")[2]: str(test.outcome) for test in result.tests}
