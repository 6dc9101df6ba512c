"""Every contract test of the sandboxes runs on each backend that this machine offers.

Tests of remote import that use `student` run a third time in-process: what they show must be
the same wherever the student's code is.
"""

import functools
from collections.abc import Callable, Iterator

import pytest

from grader.judging.judge import Bench
from grader.remote.importing.control import StudentHost
from grader.remote.importing.package import RemotePackage
from grader.sandbox.interface import Backend, Limits
from grader.sandbox.selection import backends
from grader.setting_values import SANDBOXES
from grader.settings import load_settings
from tests.contract.judging import small_unit, warm_bench
from tests.contract.students import IMPORT_LIMITS, IN_PROCESS, MODULES, InProcess, Remote
from tests.leftovers import only_our_leftovers

__all__ = ["only_our_leftovers"]


@functools.cache
def prepared(name: str) -> Backend:
    """A prepared backend; the test is skipped where the host doesn't meet its needs."""
    (chosen,) = (backend for backend in backends(load_settings()) if backend.name == name)
    unmet = [f"{need.need}: {need.detail}" for need in chosen.findings() if not need.ok]
    if unmet:
        pytest.skip(f"{chosen.name}: {'; '.join(unmet)}")
    chosen.prepare(print)
    return chosen


@pytest.fixture(scope="session", params=SANDBOXES)
def backend(request: pytest.FixtureRequest) -> Backend:
    return prepared(request.param)


@pytest.fixture(scope="session")
def hosts() -> Iterator[Callable[[str], Remote]]:
    """One sandbox per backend for all tests of remote import; each submission gets a new zygote."""
    started: dict[str, StudentHost] = {}

    def host_on(name: str) -> Remote:
        if name not in started:
            launch = functools.partial(prepared(name).launch, Limits(memory_bytes=1024**3))
            started[name] = StudentHost(launch, RemotePackage(MODULES), IMPORT_LIMITS)
        return Remote(started[name])

    yield host_on
    for host in started.values():
        host.close()


@pytest.fixture(params=SANDBOXES)
def remote(request: pytest.FixtureRequest, hosts: Callable[[str], Remote]) -> Iterator[Remote]:
    """The student's code in a sandbox."""
    with hosts(request.param) as student:
        yield student


@pytest.fixture(params=[IN_PROCESS, *SANDBOXES])
def student(request: pytest.FixtureRequest, hosts: Callable[[str], Remote]) -> Iterator[Remote | InProcess]:
    """The student's code here, and in a sandbox."""
    if request.param == IN_PROCESS:
        yield InProcess()
    else:
        with hosts(request.param) as remote:
            yield remote


@pytest.fixture(scope="session")
def bench(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench for the small unit on each backend, without MNIST, for one hand-in after the other."""
    with warm_bench(backend, small_unit(tmp_path_factory.mktemp("unit")), with_mnist=False) as warm:
        yield warm
