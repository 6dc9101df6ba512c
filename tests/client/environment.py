"""A fresh virtual environment with the client's wheel and what the wheel says it needs, and nothing else."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from grader.settings import CHECKOUT


@dataclass(frozen=True)
class Environment:
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def command(self) -> Path:
        return self.folder / "bin" / "grader"

    def variables(self, home: Path) -> dict[str, str]:
        """The environment of a CI job: nothing of ours, and a home of its own."""
        return {
            "PATH": f"{self.folder / 'bin'}:{os.defpath}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "CI": "true",
        }


def make_environment(folder: Path) -> Environment:
    """Install the client's wheel with pip, and its dependencies from this machine."""
    wheel = build_wheel(folder / "wheel")
    made = Environment(folder / "venv")
    venv.create(made.folder, symlinks=True)
    _pip("--python", made.python, "install", "--no-index", "--no-deps", wheel)
    (packages,) = made.folder.glob("lib/python*/site-packages")
    for distribution in _needed("grader-client", made):
        for file in distribution.files or ():
            if ".." not in file.parts:  # scripts
                place = packages / file
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), place)
    return made


def build_wheel(folder: Path) -> Path:
    """Build the client's wheel as a clone of the project would."""
    clone = folder / "clone"
    for name in ("client", "grader"):
        leftovers = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
        shutil.copytree(CHECKOUT / name, clone / name, ignore=leftovers)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, clone / "client")
    (wheel,) = folder.glob("*.whl")
    return wheel


def _needed(name: str, environment: Environment) -> Iterator[importlib.metadata.Distribution]:
    """The distributions that the installed one needs, and those that they need."""
    listing = subprocess.run(
        [
            environment.python,
            "-c",
            f"import importlib.metadata as m; print(*m.requires('{name}'), sep='\\n')",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    waiting, seen = listing.stdout.splitlines(), set()
    while waiting:
        requirement = Requirement(waiting.pop())
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in seen:
            seen.add(requirement.name)
            found = importlib.metadata.distribution(requirement.name)
            assert requirement.specifier.contains(found.version)
            waiting += found.requires or []
            yield found


def _pip(*arguments: object) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)
