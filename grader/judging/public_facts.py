"""What a student's machine knows about a unit: student_template/<unit>/unit.toml and the public tests.

It holds the public part of the graders' unit.toml and nothing else, so that a student needs
neither hidden tests nor the reference. `facts_problems` holds the two to each other; the admission
gate refuses a unit in which they differ.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UnitError
from grader.toml_table import TomlTable
from grader.units import Unit, group_of

FACTS_FILE = "unit.toml"
OTHER_GROUP = "other"


@dataclass(frozen=True)
class MnistFacts:
    """The full MNIST run: its epochs, and the accuracy (0 to 1) it must reach."""

    epochs: int
    threshold: float


@dataclass(frozen=True)
class PublicFacts:
    """The public part of a unit; fields mean what they mean in `Unit`. template: the student's folder."""

    name: str
    title: str
    package: str
    public_tests: str
    required_files: tuple[str, ...]
    groups: Mapping[str, str]
    off_limits: tuple[str, ...]
    noted: tuple[str, ...]
    mnist: MnistFacts | None
    template: Path

    @property
    def public_tests_path(self) -> Path:
        """The public test file, always the template's own."""
        return self.template / self.public_tests

    def group(self, test_name: str) -> str:
        """Return the group of a public test, `other` if none fits."""
        return group_of(test_name, self.groups) or OTHER_GROUP


def load_public_facts(name: str, root: Path) -> PublicFacts:
    """Read student_template/<name>/unit.toml below `root`; UnitError that lists every problem found."""
    path = root / "student_template" / name / FACTS_FILE
    if not name.isidentifier() or not path.is_file():
        raise UnitError(
            f"there is no unit {name!r} below {root}\n"
            "To fix it: name the folder that holds student_template: GRADER_UNITS_ROOT=FOLDER"
        )
    problems: list[str] = []
    try:
        table = TomlTable(tomllib.loads(path.read_text(encoding="utf-8")), "", problems)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnitError(f"{path} is not valid TOML: {error}") from error
    off_limits = table.table("off_limits")
    facts = PublicFacts(
        name=table.text("name"),
        title=table.text("title"),
        package=table.text("package"),
        public_tests=table.text("public_tests"),
        required_files=table.texts("required_files"),
        groups=table.words("groups"),
        off_limits=off_limits.texts("apis"),
        noted=off_limits.texts("noted", optional=True),
        mnist=_read_mnist(table.table("mnist")) if table.has("mnist") else None,
        template=path.parent,
    )
    off_limits.end()
    table.end()
    if not problems and not facts.public_tests_path.is_file():
        problems.append(f"public_tests: {facts.public_tests_path} is missing")
    if problems:
        raise UnitError(f"{path}:\n" + "\n".join(f"  - {problem}" for problem in problems))
    return facts


def _read_mnist(table: TomlTable) -> MnistFacts:
    facts = MnistFacts(epochs=table.count("epochs"), threshold=table.number("threshold"))
    table.end()
    return facts


def facts_problems(facts: PublicFacts, unit: Unit) -> list[str]:
    """Return one line for each public fact that differs from the graders' unit.toml."""
    graders_mnist = None if unit.mnist is None else MnistFacts(unit.mnist.epochs, unit.mnist.threshold)
    pairs = {
        "name": (facts.name, unit.name),
        "title": (facts.title, unit.title),
        "package": (facts.package, unit.package),
        "public_tests": (facts.public_tests, unit.public_tests),
        "required_files": (facts.required_files, unit.required_files),
        "groups": (facts.groups, unit.groups),
        "off_limits.apis": (facts.off_limits, unit.off_limits.apis),
        "off_limits.noted": (facts.noted, unit.off_limits.noted),
        "mnist": (facts.mnist, graders_mnist),
    }
    return [
        f"{name} is {public!r} in the template's {FACTS_FILE} and {graders!r} in the graders'"
        for name, (public, graders) in pairs.items()
        if public != graders
    ]
