"""The compose files keep to what the documentation promises: who has the engine, and what is explained."""

import re
import runpy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.settings import PREFIX, Settings
from tests.command import grader
from tests.markdown import ROOT, read

FOLDER = ROOT / "docker/service"
FILES = ("compose.yaml", "compose.postgresql.yaml")
OURS = ("web", "worker", "schema")


def compose(*names: str) -> dict[str, dict[str, Any]]:
    """The services of these files, a later one changing the earlier, as compose merges mappings."""
    services: dict[str, dict[str, Any]] = {}
    for name in names:
        for service, said in yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))["services"].items():
            known = services.setdefault(service, {})
            environment = {**known.get("environment", {}), **said.get("environment", {})}
            known.update(said, environment=environment)
    return services


ALONE, WITH_POSTGRESQL = compose(FILES[0]), compose(*FILES)


def test_the_worker_alone_reaches_the_engine():
    for name, service in WITH_POSTGRESQL.items():
        reaches = "docker.sock" in str(service) or any(key in service for key in ("pid", "uts", "cgroup"))
        assert reaches == (name == "worker"), name


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_do_little(name: str):
    service = WITH_POSTGRESQL[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "cap_add" not in service and "user" not in service


def test_the_image_runs_as_an_ordinary_user():
    recipe = read("docker/service/Dockerfile")
    assert re.findall(r"^USER (.*)$", recipe, re.MULTILINE) == ["10000:10000"]
    assert recipe.index("USER ") < recipe.index("ENTRYPOINT")


def test_the_web_server_is_reached_from_this_machine_only():
    assert ALONE["web"]["ports"] == ["${GRADER_PORT:-127.0.0.1:8000}:8000"]
    assert [name for name, service in WITH_POSTGRESQL.items() if "ports" in service] == ["web"]


@pytest.mark.parametrize("name", OURS)
def test_commands_exist(name: str):
    assert grader(*WITH_POSTGRESQL[name]["command"], "--help").exit_code == 0


def test_every_setting_exists():
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    given = {key for name in OURS for key in WITH_POSTGRESQL[name]["environment"]}
    assert {key for key in given if key.startswith(PREFIX)} <= known


def test_with_postgresql_everybody_uses_it():
    urls = {WITH_POSTGRESQL[name]["environment"]["GRADER_DATABASE_URL"] for name in OURS}
    assert len(urls) == 1 and urls.pop().endswith("@postgresql/grader")
    assert WITH_POSTGRESQL["web"]["depends_on"] == {"schema": {"condition": "service_completed_successfully"}}


def test_postgresql_is_healthy_only_once_others_reach_it():
    """Its image serves the local socket already while it makes the database, and then stops once more."""
    assert "--host=127.0.0.1" in WITH_POSTGRESQL["postgresql"]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["web", "worker"])
def test_further_settings_may_be_given(name: str):
    assert ALONE[name]["env_file"] == [{"path": "service.env", "required": False}]
    assert "`service.env`" in read("docs/how-to/deploy-with-compose.md")


@pytest.mark.parametrize("name", OURS)
def test_no_volume_without_a_name_is_left_behind(name: str):
    (place,) = re.findall(r"^VOLUME (.*)$", read("docker/service/Dockerfile"), re.MULTILINE)
    assert f"data:{place}" in WITH_POSTGRESQL[name]["volumes"]


def test_the_worker_writes_where_the_engine_sees_it():
    (shared,) = (mount for mount in ALONE["worker"]["volumes"] if isinstance(mount, dict))
    assert shared["source"] == shared["target"] == ALONE["worker"]["environment"]["TMPDIR"]
    assert f"install -d -o 10000 -g 10000 -m 0755 {shared['source']}" in read(
        "docs/how-to/deploy-with-compose.md"
    )


def test_what_must_be_set_is_explained():
    text = "".join(read(f"docker/service/{name}") for name in FILES)
    required = set(re.findall(r"\$\{(\w+):\?", text))
    page = read("docs/how-to/deploy-with-compose.md")
    assert required == {"GRADER_PUBLIC_URL", "DOCKER_GROUP", "POSTGRES_PASSWORD"}
    assert all(f"{name}=" in page for name in required)


def test_the_worker_is_given_time_to_finish():
    from grader.jobs.worker import DRAIN_S

    minutes = int(ALONE["worker"]["stop_grace_period"].removesuffix("m"))
    assert minutes * 60 > DRAIN_S


def copied() -> set[str]:
    """The first of the paths that each COPY takes from the checkout."""
    recipe = read("docker/service/Dockerfile")
    return set(re.findall(r"^COPY (?!--from)(\S+)(?: \S+)*$", recipe, re.MULTILINE))


def test_only_what_the_image_needs_is_sent_to_the_engine():
    lines = read(".dockerignore").splitlines()
    assert lines[1] == "*"
    sent = tuple(line.removeprefix("!") for line in lines if line.startswith("!"))
    assert {path for path in copied() if not path.startswith(sent)} == set()


def test_neither_passwords_nor_wheels_stay_in_the_image():
    lines = read(".dockerignore").splitlines()
    assert lines.index("!docker") < lines.index("docker/service") < lines.index("!docker/service/wheels")
    assert "docker" not in copied()
    ignored = read(".gitignore").splitlines()
    assert {f"docker/service/{name}" for name in (".env", "service.env", "wheels/")} <= set(ignored)


@pytest.mark.skipif(not Path("/var/run/docker.sock").exists(), reason="the check is for where Docker is")
def test_the_check_reads_no_settings_of_the_real_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GRADER_DATABASE_URL", "postgresql+psycopg://precious")
    monkeypatch.setenv("GRADER_METRICS_TOKEN", "precious")
    monkeypatch.setenv("COMPOSE_FILE", "precious.yaml")
    monkeypatch.setenv("GRADER_IMAGE", "mine")
    stack = runpy.run_path(str(ROOT / "scripts/check_compose.py"))["Stack"](list(FILES), tmp_path)
    assert stack._command[4:6] == ["--env-file", "/dev/null"]
    assert "precious" not in str(stack._environment)
    assert stack._environment["GRADER_DATABASE_URL"] == stack._environment["GRADER_SECRET_KEY"] == ""
    assert stack._environment["GRADER_IMAGE"] == "mine"
    override = Path(stack._command[-1]).read_text(encoding="utf-8")
    for name in OURS:
        assert ("env_file" in WITH_POSTGRESQL[name]) == (f"{name}: {{env_file: !reset []}}" in override)
