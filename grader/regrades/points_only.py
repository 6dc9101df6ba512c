"""Whether two versions of a unit differ in nothing but points, so that scores can be counted anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.units import MnistRules, Unit
from grader.versions.packing import files_of

# What a verdict does not depend on: beside points, words and what is shown to whom.
_WORDS = ("title", "hints", "visibility")
_PLACES = ("template", "reference", "hidden_tests", "digest")
_MAX_NAMED = 5


def differences_beside_points(old: Unit, new: Unit) -> list[str]:
    """Return what else than points differs between two versions of a unit, one sentence each."""
    return [*_files(old, new), *_rules(old, new)]


def _files(old: Unit, new: Unit) -> list[str]:
    before, after = _verdict_files(old), _verdict_files(new)
    said = []
    for verb, paths in (
        ("added", after.keys() - before.keys()),
        ("removed", before.keys() - after.keys()),
        ("changed", {path for path in before.keys() & after.keys() if before[path] != after[path]}),
    ):
        if paths:
            named = ", ".join(sorted(paths)[:_MAX_NAMED])
            more = f" and {len(paths) - _MAX_NAMED} more" if len(paths) > _MAX_NAMED else ""
            said.append(f"Files were {verb}: {named}{more}.")
    return said


def _verdict_files(unit: Unit) -> dict[str, bytes]:
    """Return the files that verdicts depend on: all that the digest covers but unit.toml."""
    root: Path = unit.hidden_tests.parent.parent
    tests = f"student_template/{unit.name}/tests/"
    return {
        path: content
        for path, content in files_of(root, unit.name).items()
        if path != f"hidden_tests/{unit.name}/unit.toml"
        and (not path.startswith("student_template/") or path.startswith(tests))
    }


def _rules(old: Unit, new: Unit) -> list[str]:
    said = []
    for field in vars(old):
        if field in (*_WORDS, *_PLACES, "points", "test_points", "off_limits", "mnist"):
            continue
        if getattr(old, field) != getattr(new, field):
            said.append(f"{field} in unit.toml differs.")
    if replace(old.off_limits, cost_points=0.0) != replace(new.off_limits, cost_points=0.0):
        said.append("[off_limits] in unit.toml differs in more than its points.")
    if _without_points(old.mnist) != _without_points(new.mnist):
        said.append("[mnist] in unit.toml differs in more than its points: a threshold, say.")
    return said


def _without_points(rules: MnistRules | None) -> MnistRules | None:
    return None if rules is None else replace(rules, points_accuracy=0.0, points_time=0.0)
