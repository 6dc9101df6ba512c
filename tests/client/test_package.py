"""The client as a package of its own: small, quick to start, and no more than it needs."""

import ast
import subprocess
import sys
import tomllib

import pytest

from grader import __version__
from grader.settings import CHECKOUT
from tests.client.environment import Environment

HEAVY = ("torch", "numpy", "sqlalchemy", "flask", "werkzeug", "dbos", "jinja2", "requests", "docker")


def loaded_by(python: object, module: str, folder: object) -> set[str]:
    """The names of all modules in memory once `module` is."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [str(python), "-c", code], cwd=str(folder), capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def packed() -> set[str]:
    """The modules that client/setup.py lists."""
    tree = ast.parse((CHECKOUT / "client/setup.py").read_text(encoding="utf-8"))
    (source,) = (
        ast.get_source_segment((CHECKOUT / "client/setup.py").read_text(encoding="utf-8"), node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
    )
    listed = eval(source)  # plain sets of texts: our own file
    return {
        package if name == "__init__" else f"{package}.{name}"
        for package, names in listed.items()
        for name in names
    }


@pytest.mark.parametrize("module", ["grader.client.cli", "grader.cli"])
def test_nothing_heavy_is_imported(module: str):
    tops = {name.partition(".")[0] for name in loaded_by(sys.executable, module, CHECKOUT)}
    assert tops.isdisjoint(HEAVY)


def test_the_package_holds_just_what_is_imported(environment: Environment):
    ours = {name for name in loaded_by(sys.executable, "grader.client.cli", CHECKOUT) if "grader" in name}
    ours = {name for name in ours if name.partition(".")[0] == "grader"}
    assert packed() == ours
    (packages,) = environment.folder.glob("lib/python*/site-packages")
    files = {str(path.relative_to(packages)) for path in (packages / "grader").rglob("*.py")}
    names = {file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files}
    assert names == ours


def test_nothing_heavy_is_installed(environment: Environment):
    (packages,) = environment.folder.glob("lib/python*/site-packages")
    assert {path.name for path in packages.iterdir()}.isdisjoint(HEAVY)


def test_the_command_is_there(environment: Environment, tmp_path):
    def run(*arguments: str) -> str:
        done = subprocess.run(
            [environment.command, *arguments],
            env=environment.variables(tmp_path),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert run("--version").strip().endswith(__version__)
    assert "--junit" in run("submit", "--help")


def test_its_version_and_dependencies_are_the_grader_s():
    with (CHECKOUT / "client/pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    assert project["version"] == __version__
    assert {line.split(">")[0] for line in project["dependencies"]} == {"click", "rich"}
