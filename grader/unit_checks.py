"""Whether a well-formed unit.toml makes sense: sums, ranges, and names that stand for something."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UnitError
from grader.judging.result import MAX_SCORE

if TYPE_CHECKING:
    from grader.units import Unit

VISIBILITIES = ("always", "never", "after_deadline")


def disagreements(unit: Unit) -> list[str]:
    """Return what is wrong with a well-formed unit.toml: sums, ranges, and names that stand for nothing."""
    problems = []
    total = sum(unit.points.values())
    if unit.mnist is not None:
        total += unit.mnist.points_accuracy + unit.mnist.points_time
        if not 0 < unit.mnist.threshold <= 1:
            problems.append(f"mnist.threshold: {unit.mnist.threshold} is not an accuracy between 0 and 1")
    if not math.isclose(total, MAX_SCORE):
        problems.append(f"points: all groups and [mnist] sum to {total:g}, not {MAX_SCORE:g}")
    for limit, value in vars(unit.limits).items():
        if value <= 0:
            problems.append(f"limits.{limit}: must be above zero")
    for part, rule in vars(unit.visibility).items():
        if rule not in VISIBILITIES:
            problems.append(f"visibility.{part}: expected one of {', '.join(VISIBILITIES)}, got {rule!r}")
    for code in unit.hints:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code):
            problems.append(f"hints.{code}: a code is made of small letters and hyphens")
    for beginning, group in unit.groups.items():
        if group not in unit.points:
            problems.append(f"groups.{beginning}: there is no group {group!r} in [points]")
    return problems + _absent_files(unit) + _unknown_tests(unit)


def _absent_files(unit: Unit) -> list[str]:
    if unit.name != unit.hidden_tests.name:
        return [f"name: {unit.name!r} is not the folder's name, {unit.hidden_tests.name!r}"]
    problems = []
    for folder in (unit.template, unit.reference):
        package = folder / unit.package_folder
        problems += [
            f"required_files: {package / file} is missing"
            for file in unit.required_files
            if not (package / file).is_file()
        ]
        problems += [
            f"modules: {folder} has no module {module}"
            for module in unit.modules
            if not _is_module(folder / module.replace(".", "/"))
        ]
    if unit.package not in unit.modules:
        problems.append(f"modules: {unit.package} itself is missing")
    if not any(unit.hidden_tests.glob("test_*.py")):
        problems.append(f"{unit.hidden_tests} has no test_*.py")
    return problems


def _is_module(path: Path) -> bool:
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _unknown_tests(unit: Unit) -> list[str]:
    """Return a problem for each test id that names no test, and for each public test without a group."""
    if not unit.public_tests_path.is_file():
        return [f"public_tests: {unit.public_tests_path} is missing"]
    public = {f"{unit.public_tests}::{test}" for test in tests_in(unit.public_tests_path)}
    hidden = {
        f"hidden/{file.name}::{test}"
        for file in unit.hidden_tests.glob("test_*.py")
        for test in tests_in(file)
    }
    problems = [f"given: there is no test {test}" for test in sorted(unit.given - public - hidden)]
    problems += [
        f"test_points: there is no test {test}" for test in unit.test_points if test not in public | hidden
    ]
    for test in sorted(public):
        try:
            unit.public_group(test)
        except UnitError:
            problems.append(f"groups: no group for the public test {test}")
    return problems


def tests_in(path: Path) -> Iterator[str]:
    """Yield the names of a file's tests as pytest ids have them: `test_x`, `TestY::test_x`."""
    for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name.startswith("test_"):
                    yield f"{node.name}::{method.name}"
