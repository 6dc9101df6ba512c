"""One version of each package everywhere: pyproject.toml says it, the lock and the sandbox follow."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPTIONAL = {"keyring"}  # the client uses it where it is, and does without


def pins(text: str) -> dict[str, str]:
    """The `name==version` lines of a requirements file, names in lower case."""
    return {
        name.lower().replace("_", "-"): version
        for name, version in re.findall(r"^([\w-]+)==([\w.+]+)", text, re.MULTILINE)
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


def test_what_the_grader_imports_is_pinned():
    distributions = importlib.metadata.packages_distributions()
    imported = set()
    for path in (ROOT / "grader").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"grader"} - OPTIONAL
    needed = {name: {d.lower().replace("_", "-") for d in distributions[name]} for name in foreign}
    assert {name for name, any_of in needed.items() if not any_of & direct().keys()} == set()
