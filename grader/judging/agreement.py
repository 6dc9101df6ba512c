"""Whether a unit's parts agree: template, reference, hidden tests, public facts and sample submissions.

`load_unit` has checked unit.toml by itself. Here the parts are held against each other, by reading
alone: nothing is run, so that a misspelt name shows before the first sandbox starts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.errors import UnitError
from grader.judging.public_facts import facts_problems, load_public_facts
from grader.judging.samples import Sample, SampleKind
from grader.judging.scoring import MNIST_GROUP, RULES_GROUP
from grader.unit_checks import tests_in
from grader.units import Unit

HINT_CODE = re.compile(r"[a-z]+(-[a-z]+)+")  # a code of one word can't be told from other texts


def agreement_problems(unit: Unit, samples: Sequence[Sample], root: Path) -> list[str]:
    """Return one line for each disagreement between the unit's parts below `root` and its samples."""
    return [
        *_public_facts_problems(unit, root),
        *_solution_problems(unit),
        *_hidden_test_problems(unit),
        *(problem for sample in samples for problem in _sample_problems(unit, sample)),
        *_unproved_hints(unit, samples),
    ]


def _public_facts_problems(unit: Unit, root: Path) -> list[str]:
    try:
        return facts_problems(load_public_facts(unit.name, root), unit)
    except UnitError as error:
        return [str(error)]


def _solution_problems(unit: Unit) -> Iterator[str]:
    """Yield where template and reference differ in what tests and students rely on."""
    reference_tests = unit.reference / unit.public_tests
    if not reference_tests.is_file() or reference_tests.read_bytes() != unit.public_tests_path.read_bytes():
        yield f"{unit.public_tests} is not the same in template and reference"
    given, solved = _sources(unit.template, unit), _sources(unit.reference, unit)
    for file in sorted(given.keys() ^ solved.keys()):
        yield f"{file} is in the {'template' if file in given else 'reference'} only"
    for file in sorted(given.keys() & solved.keys()):
        template, reference = _interface(given[file]), _interface(solved[file])
        for name in sorted(template.keys() | reference.keys()):
            pair = template.get(name, "missing"), reference.get(name, "missing")
            if pair[0] != pair[1]:
                yield f"{file}: {name} is {pair[0]} in the template and {pair[1]} in the reference"
    for path, tree in _test_trees(unit):
        for module, name in _imports(tree, unit.package):
            place = module.replace(".", "/")
            source = given.get(f"{place}.py") or given.get(f"{place}/__init__.py")
            if source is None or name not in _names(source):
                yield f"{path.name} imports {name} from {module}, which the template does not have"


def _sources(folder: Path, unit: Unit) -> dict[str, ast.Module]:
    top = folder / unit.package.partition(".")[0]
    return {path.relative_to(folder).as_posix(): _parse(path) for path in sorted(top.rglob("*.py"))}


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _interface(tree: ast.Module) -> dict[str, str]:
    """Return what others may use of a module: its exports, and the parameters of each public function."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            found["__all__"] = ast.unparse(node.value)
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = _parameters(node)
        elif isinstance(node, ast.ClassDef):
            found[node.name] = "a class"
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    found[f"{node.name}.{method.name}"] = _parameters(method)
    return {name: what for name, what in found.items() if not re.search(r"(^|\.)_[^_]", name)}


def _parameters(function: ast.FunctionDef) -> str:
    """Return the parameters with their defaults, and without types, which bind nobody."""
    arguments = ast.parse(ast.unparse(function)).body[0].args  # type: ignore[attr-defined]
    for node in ast.walk(arguments):
        if isinstance(node, ast.arg):
            node.annotation = None
    return f"({ast.unparse(arguments)})"


def _names(tree: ast.Module) -> set[str]:
    names = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _imports(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{package}."):
            yield from ((str(node.module), alias.name) for alias in node.names)


def _test_trees(unit: Unit) -> list[tuple[Path, ast.Module]]:
    paths = [unit.public_tests_path, *sorted(unit.hidden_tests.glob("*.py"))]
    return [(path, _parse(path)) for path in paths]


def _hidden_test_problems(unit: Unit) -> Iterator[str]:
    public = {f"{unit.public_tests}::{test}" for test in tests_in(unit.public_tests_path)}
    grouped = set(unit.groups.values())
    for path, tree in _test_trees(unit)[1:]:
        for group in _marker_texts(tree, "group"):
            grouped.add(group)
            if group not in unit.points:
                yield f"{path.name}: there is no group {group!r} in [points]"
        for test in _marker_texts(tree, "explains"):
            if test not in public:
                yield f"{path.name} explains {test}, which is no public test"
        for code in sorted(_hint_codes(tree) - set(unit.hints)):
            yield f"{path.name} names the hint {code}, which [hints] does not know"
    for group in sorted(set(unit.points) - grouped):
        yield f"no test belongs to the group {group}"


def _marker_texts(tree: ast.Module, marker: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"pytest.mark.{marker}":
            yield from (str(a.value) for a in node.args if isinstance(a, ast.Constant))


def _hint_codes(tree: ast.Module) -> set[str]:
    """Return every text that looks like a code; what is looked for in other texts is none."""
    searched = {id(node.left) for node in ast.walk(tree) if isinstance(node, ast.Compare)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HINT_CODE.fullmatch(node.value)
        and id(node) not in searched
    }


def _sample_problems(unit: Unit, sample: Sample) -> Iterator[str]:
    known: Iterable[str] = {*unit.points, MNIST_GROUP, RULES_GROUP}
    for group in (*sample.fails, *sample.affects):
        if group not in known:
            yield f"sample {sample.name} names the group {group!r}, which the unit does not have"
    for code in sample.hints:
        if code not in unit.hints:
            yield f"sample {sample.name} names the hint {code}, which [hints] does not know"


def _unproved_hints(unit: Unit, samples: Sequence[Sample]) -> list[str]:
    shown = {code for sample in samples if sample.kind is SampleKind.WRONG for code in sample.hints}
    return [f"no wrong sample shows the hint {code}" for code in unit.hints if code not in shown]
