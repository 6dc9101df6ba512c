"""Units: what a hand-in is graded for, read from hidden_tests/<unit>/unit.toml and checked.

Theory of operation. A unit is three folders of the same name: what students start from
(student_template), the solution (reference) and the hidden tests with unit.toml. `load_unit`
reads unit.toml into frozen values. It refuses, and lists every problem at once, if an entry
is unknown, missing or malformed, if the points do not sum to 100, or if a name (of a group,
a test, a file) stands for nothing. The digest covers every file that a verdict depends on.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UnitError
from grader.judging.result import Hint
from grader.toml_table import TomlTable
from grader.unit_checks import disagreements

Texts = tuple[str, ...]
Numbers = Mapping[str, float]
Words = Mapping[str, str]

LEFTOVERS = ("__pycache__", ".pytest_cache", ".ipynb_checkpoints", ".DS_Store")


@dataclass(frozen=True)
class UnitLimits:
    """What one hand-in may use: seconds of CPU and wall time, bytes, processes; all above zero."""

    import_cpu_s: float
    test_cpu_s: float
    test_wall_s: float
    total_wall_s: float
    memory_bytes: int
    pids: int
    tmp_bytes: int
    output_bytes: int


@dataclass(frozen=True)
class MnistRules:
    """The timed run: `threshold` is an accuracy (0 to 1), `max_ratio` CPU time over the reference's."""

    epochs: int
    threshold: float
    max_ratio: float
    points_accuracy: float
    points_time: float


@dataclass(frozen=True)
class OffLimits:
    """Dotted names that cost `cost_points` once if used, and names that staff are merely shown."""

    apis: Texts
    cost_points: float
    noted: Texts


@dataclass(frozen=True)
class VisibilityRules:
    """What the service shows students of hidden tests: always, never or after_deadline.

    `pictures` are those that hidden tests draw.
    """

    names: str
    messages: str
    hints: str
    pictures: str = "always"


@dataclass(frozen=True)
class Unit:
    """One unit of the course; `load_unit` makes it.

    points: group → points, shared equally by the group's tests. test_points: test id → points,
    for a test with points of its own. given: ids of the tests that carry none. groups: beginning of
    a public test's name → group. hints: code → sentence. template, reference, hidden_tests: folders.
    """

    name: str
    title: str
    package: str
    modules: Texts
    public_tests: str
    required_files: Texts
    points: Numbers
    test_points: Numbers
    given: frozenset[str]
    groups: Words
    mnist: MnistRules | None
    limits: UnitLimits
    off_limits: OffLimits
    visibility: VisibilityRules
    hints: Words
    template: Path
    reference: Path
    hidden_tests: Path
    digest: str

    @property
    def package_folder(self) -> str:
        """The package as a folder: `g2c/nn`."""
        return self.package.replace(".", "/")

    @property
    def public_tests_path(self) -> Path:
        """The public test file, always the template's own."""
        return self.template / self.public_tests

    def hint(self, code: str) -> Hint:
        """Return the hint with this code; UnitError if unit.toml has no sentence for it."""
        if code not in self.hints:
            raise UnitError(f"unit {self.name}: a test gives the hint {code!r}, which [hints] does not know")
        return Hint(code, self.hints[code])

    def public_group(self, test_id: str) -> str:
        """Return a public test's group, by the longest beginning of its name; UnitError if none fits."""
        group = group_of(test_id, self.groups)
        if group is None:
            raise UnitError(f"unit {self.name}: [groups] has no group for the public test {test_id}")
        return group

    def is_given(self, test_id: str) -> bool:
        """Whether the test is about code that students are given, so that it carries no points."""
        return test_id.partition("[")[0] in self.given


def group_of(test_id: str, groups: Words) -> str | None:
    """Return the group of a public test, by the longest beginning of its name; None if none fits.

    The name is what stands behind file and class, without parameters, which may hold anything.
    """
    name = test_id.partition("[")[0].rpartition("::")[2]
    beginnings = [beginning for beginning in groups if name.startswith(beginning)]
    return groups[max(beginnings, key=len)] if beginnings else None


def load_unit(name: str, root: Path) -> Unit:
    """Read and check the unit of this name below root, the folder that holds hidden_tests/.

    Raises UnitError that lists every problem found.
    """
    if not name.isidentifier():  # a folder's name, never a path
        raise UnitError(f"there is no unit {name!r}")
    path = root / "hidden_tests" / name / "unit.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnitError(f"there is no unit {name!r}: {path} is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnitError(f"{path} is not valid TOML: {error}") from error

    problems: list[str] = []
    unit = _read(TomlTable(data, "", problems), name, root)
    if not problems:  # a malformed entry would only bring up more complaints about itself
        problems = disagreements(unit)
    if problems:
        raise UnitError(f"{path}:\n" + "\n".join(f"  - {problem}" for problem in problems))
    return unit


def _read(table: TomlTable, name: str, root: Path) -> Unit:
    given = table.table("given", optional=True)
    limits, off_limits, visibility = (table.table(part) for part in ("limits", "off_limits", "visibility"))
    template, reference, hidden_tests = (
        root / kind / name for kind in ("student_template", "reference", "hidden_tests")
    )
    unit = Unit(
        name=table.text("name"),
        title=table.text("title"),
        package=table.text("package"),
        modules=table.texts("modules"),
        public_tests=table.text("public_tests"),
        required_files=table.texts("required_files"),
        points=table.numbers("points"),
        test_points=table.numbers("test_points", optional=True),
        given=frozenset(given.texts("tests", optional=True)),
        groups=table.words("groups"),
        mnist=_read_mnist(table.table("mnist")) if table.has("mnist") else None,
        limits=UnitLimits(
            import_cpu_s=limits.number("import_cpu_s"),
            test_cpu_s=limits.number("test_cpu_s"),
            test_wall_s=limits.number("test_wall_s"),
            total_wall_s=limits.number("total_wall_s"),
            memory_bytes=limits.count("memory_bytes"),
            pids=limits.count("pids"),
            tmp_bytes=limits.count("tmp_bytes"),
            output_bytes=limits.count("output_bytes"),
        ),
        off_limits=OffLimits(
            apis=off_limits.texts("apis"),
            cost_points=off_limits.number("cost_points"),
            noted=off_limits.texts("noted", optional=True),
        ),
        visibility=VisibilityRules(
            names=visibility.text("names"),
            messages=visibility.text("messages"),
            hints=visibility.text("hints"),
            pictures=visibility.text("pictures") if visibility.has("pictures") else "always",
        ),
        hints=table.words("hints"),
        template=template,
        reference=reference,
        hidden_tests=hidden_tests,
        digest=unit_digest(root, name),
    )
    for part in (table, given, limits, off_limits, visibility):
        part.end()
    return unit


def _read_mnist(table: TomlTable) -> MnistRules:
    rules = MnistRules(
        epochs=table.count("epochs"),
        threshold=table.number("threshold"),
        max_ratio=table.number("max_ratio"),
        points_accuracy=table.number("points_accuracy"),
        points_time=table.number("points_time"),
    )
    table.end()
    return rules


def unit_digest(root: Path, name: str) -> str:
    """Return `sha256:…` over the paths and contents of every file that the unit's verdicts depend on."""
    digest = hashlib.sha256()
    folders = [
        root / "hidden_tests" / name,
        root / "student_template" / name / "tests",
        root / "reference" / name,
    ]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and not any(part in LEFTOVERS for part in relative.parts):
                for content in (relative.as_posix().encode(), path.read_bytes()):
                    digest.update(len(content).to_bytes(8, "big") + content)
    return f"sha256:{digest.hexdigest()}"
