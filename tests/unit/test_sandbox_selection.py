"""Which sandbox is chosen, and what is said where none can run."""

import os
import traceback
from pathlib import Path

import pytest

from grader.doctor import run_doctor, usable
from grader.errors import SandboxUnavailable, UsageError
from grader.sandbox.interface import Finding, Limits
from grader.sandbox.selection import backends, choose
from grader.settings import Settings, load_settings

MET = Finding("a need", True, "met")
UNMET = Finding("another need", False, "not met", "mend it")


class Imagined:
    """A backend whose host meets certain needs."""

    def __init__(self, name: str, *needs: Finding):
        self.name = name
        self.needs = list(needs)

    def findings(self) -> list[Finding]:
        return self.needs

    def prepared(self) -> Finding:
        return MET


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")


def as_unprivileged_user(call) -> str:
    """Run `call` in a forked process of user 65534 and return the exception it raises, as text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            call()
        except SandboxUnavailable as error:
            os.write(writer, str(error).encode())
        except BaseException:
            os.write(writer, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    text = os.read(reader, 65536).decode()
    os.close(reader)
    return text


def test_an_unknown_name_is_a_usage_error():
    with pytest.raises(UsageError, match="auto, docker, bubblewrap"):
        choose("podman", load_settings())


def test_auto_takes_docker_where_an_engine_answers():
    docker, _ = backends(load_settings())
    if not docker.engine_answers():
        pytest.skip("no Docker engine answers")
    assert choose("auto", load_settings()).name == "docker"


@pytest.mark.usefixtures("no_engine")
def test_auto_takes_bubblewrap_where_no_engine_answers():
    _, bubblewrap = backends(load_settings())
    unmet = [need for need in bubblewrap.findings() if not need.ok]
    if unmet:
        pytest.skip(f"bubblewrap: {unmet[0].need}: {unmet[0].detail}")
    assert choose("auto", load_settings()).name == "bubblewrap"


@pytest.mark.usefixtures("no_engine")
def test_docker_asked_for_by_name_is_not_replaced():
    with pytest.raises(SandboxUnavailable, match="No Docker engine answers") as raised:
        choose("docker", load_settings())
    assert "systemctl start docker" in raised.value.fix


@pytest.mark.usefixtures("no_engine")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give it up")
def test_without_root_and_engine_both_fixes_are_named(tmp_path: Path):
    settings = Settings(data_dir=tmp_path)
    text = as_unprivileged_user(lambda: choose("auto", settings))
    assert "run the grader as root" in text
    assert "apt-get install docker.io" in text
    assert "Traceback" not in text


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give it up")
def test_bubblewrap_without_root_says_so(tmp_path: Path):
    _, bubblewrap = backends(Settings(data_dir=tmp_path))
    for call in (bubblewrap.prepare, lambda: bubblewrap.launch(Limits())):
        assert "run the grader as root" in as_unprivileged_user(call)


def test_launching_what_was_never_built_says_how_to_build_it(tmp_path: Path):
    for backend in backends(Settings(data_dir=tmp_path, docker_base_image="grader-test/never-built:1")):
        if all(need.ok for need in backend.findings()):
            assert not backend.prepared().ok
            with pytest.raises(SandboxUnavailable, match="make setup"):
                backend.launch(Limits())


def test_the_doctor_names_each_backends_needs_and_fixes():
    findings = run_doctor([Imagined("one", MET, UNMET), Imagined("two", MET)])
    assert [finding.need for finding in findings] == [
        *("one: a need", "one: another need", "one: a need", "two: a need", "two: a need")
    ]
    assert findings[1].fix == "mend it"
    assert usable(findings) == ["two"]


def test_every_unmet_need_of_this_machine_carries_a_fix():
    for finding in run_doctor(backends(load_settings())):
        assert finding.ok or finding.fix, finding
