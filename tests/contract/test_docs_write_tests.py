"""The examples of the page for test authors pass on the reference, in-process and remotely."""

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import RemoteImport, RemotePackage
from grader.sandbox.interface import Backend, Limits

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference/nn"
PAGE = ROOT / "docs/how-to/write-tests.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
NUMBERS = range(len(SNIPPETS))
LIMITS = SessionLimits(cpu_s=20.0, wall_s=60.0, output_bytes=1024**2)


def examples_in(number: int) -> list[Callable[[], None]]:
    """Run the snippet's top level and return its tests."""
    module = {"__name__": f"snippet_{number}"}
    exec(compile(SNIPPETS[number], f"{PAGE.name}:snippet {number}", "exec"), module)
    return [value for name, value in module.items() if name.startswith("test_") and inspect.isfunction(value)]


@pytest.fixture(scope="module")
def reference(backend: Backend) -> Iterator[StudentHost]:
    package = RemotePackage(["g2c.nn", "g2c.nn.modules"])
    host = StudentHost(functools.partial(backend.launch, Limits()), package, LIMITS)
    sources = REFERENCE.glob("g2c/**/*.py")
    host.load({source.relative_to(REFERENCE).as_posix(): source.read_bytes() for source in sources})
    yield host
    host.close()


def test_the_page_has_examples():
    assert len(SNIPPETS) >= 3


@pytest.mark.parametrize("number", NUMBERS)
def test_examples_remotely(reference: StudentHost, number: int):
    with RemoteImport(reference.package):
        for test in examples_in(number):
            session = reference.open_session(LIMITS, seed=1)
            test()
            assert reference.end_session(session).cause is None
            assert session.calls > 0


@pytest.mark.parametrize("number", NUMBERS)
def test_examples_in_process(monkeypatch: pytest.MonkeyPatch, number: int):
    monkeypatch.syspath_prepend(REFERENCE)
    try:
        for test in examples_in(number):
            test()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "g2c"]:
            del sys.modules[name]
