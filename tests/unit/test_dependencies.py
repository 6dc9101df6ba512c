"""One version of each package everywhere: pyproject.toml says it, the lock and the sandbox follow."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pins(text: str) -> dict[str, str]:
    """The `name==version` lines of a requirements file, names in lower case."""
    return {
        name.lower().replace("_", "-"): version for name, version in re.findall(r"^([\w-]+)==([\w.+]+)", text, re.MULTILINE)
    }


def lock() -> dict[str, str]:
    return pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))


def direct() -> dict[str, str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        content = tomllib.load(file)
    listed = [
        *content["build-system"]["requires"],
        *content["project"]["dependencies"],
        *content["project"]["optional-dependencies"]["dev"],
    ]
    assert all(re.match(r"[\w-]+==[\w.]+", requirement) for requirement in listed)
    return pins("\n".join(listed))


def test_the_lock_holds_every_direct_dependency_at_its_version():
    assert direct().items() <= lock().items()


def test_the_sandbox_has_the_same_versions():
    in_sandbox = pins((ROOT / "docker/student/requirements.txt").read_text(encoding="utf-8"))
    assert in_sandbox
    assert in_sandbox.items() <= direct().items()
