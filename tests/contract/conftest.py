"""Every contract test of the sandboxes runs on each backend that this machine offers."""

import pytest

from grader.sandbox.interface import Backend
from grader.sandbox.selection import backends
from grader.settings import SANDBOXES, load_settings


@pytest.fixture(scope="session", params=SANDBOXES)
def backend(request: pytest.FixtureRequest) -> Backend:
    """A prepared backend; the test is skipped where the host doesn't meet its needs."""
    (chosen,) = (backend for backend in backends(load_settings()) if backend.name == request.param)
    unmet = [f"{need.need}: {need.detail}" for need in chosen.findings() if not need.ok]
    if unmet:
        pytest.skip(f"{chosen.name}: {'; '.join(unmet)}")
    chosen.prepare(print)
    return chosen
