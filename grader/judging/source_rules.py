"""What static reading looks for in parsed source, and the words it reports it in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from grader.judging.name_resolution import Project
from grader.judging.result import ReviewFlag
from grader.judging.source_catalogue import (
    DATA_ENDINGS,
    HARMLESS,
    MAX_NUMBERS,
    MAX_STRING_CHARS,
    MAX_STRINGS_CHARS,
    MODULES,
    NAMES,
    NAMESPACES,
    ROUTES,
    WORDS,
)
from grader.judging.source_module import Occurrence, Place, SourceModule, attribute_read


class Findings:
    """The flags found so far, each once."""

    def __init__(self) -> None:
        self.off_limits: dict[ReviewFlag, None] = {}
        self.noted: dict[ReviewFlag, None] = {}
        self.suspicious: dict[ReviewFlag, None] = {}


class Rules:
    """Applies what is off limits and what is noted (dotted prefixes) to a project's modules."""

    def __init__(self, project: Project, off_limits: Sequence[str], noted: Sequence[str]):
        self._project = project
        self._off_limits = tuple(off_limits)
        self._routes = [route for name in off_limits for route in ROUTES.get(name, ())]
        self._noted = tuple(noted)
        self.findings = Findings()

    def read(self, module: SourceModule) -> None:
        """Add what there is to say about one module to `findings`."""
        parts_of_a_longer_name: set[int] = set()
        used: set[str] = set()
        for here in module.occurrences:
            self._check_import(module, here.node)
            self._check_patching(module, here)
            read = attribute_read(here.node)
            if read is not None:
                parts_of_a_longer_name.add(id(read[0]))
            elif not isinstance(here.node, ast.Name):
                self._check_computed_name(module, here)
                continue
            if id(here.node) in parts_of_a_longer_name or isinstance(
                getattr(here.node, "ctx", None), ast.Store
            ):
                continue
            found = self._project.meanings(module, here.node, here.scope)
            used |= found
            self._check_use(module, here, found)
        self._check_exports(module, used)
        self._check_unused_imports(module, used)
        self._check_constants(module)

    def _check_use(self, module: SourceModule, here: Occurrence, found: frozenset[str]) -> None:
        file, line = module.path, getattr(here.node, "lineno", 0)
        for name in sorted(found):
            if self._is_off_limits(name) and here.place is Place.CODE:
                self._off_limits_flag(file, line, name)
            elif self._is_noted(name) or (
                self._concerns(name)
                and not (self._is_namespace(name) and id(here.node) in module.alias_values)
            ):
                self._noted_flag(file, line, name)
            for code, patterns in NAMES.items():
                if _matches(name, patterns):
                    self._suspicious_flag(code, file, line, name.removeprefix("builtins."))
        if not found and isinstance(here.node, ast.Attribute):
            self._check_method(module, here.node)

    def _check_method(self, module: SourceModule, node: ast.Attribute) -> None:
        """Note `x.log_softmax(…)` where torch.log_softmax is noted: tensors have it as a method too."""
        if f"torch.{node.attr}" in self._noted and not (
            isinstance(node.value, ast.Name) and node.value.id == "self"
        ):
            self._noted_flag(module.path, node.lineno, f"torch.{node.attr}")

    def _check_import(self, module: SourceModule, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = module.import_source(node)
            names = [f"{source}.{alias.name}" for alias in node.names]
        else:
            return
        for name in names:
            for code, modules in MODULES.items():
                if _is_below(name, modules):
                    self._suspicious_flag(code, module.path, node.lineno, name)

    def _check_patching(self, module: SourceModule, here: Occurrence) -> None:
        node = here.node
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            for name in self._project.meanings(module, node.value, here.scope):
                if _is_below(name, ("torch", "math", "builtins", "numpy")) and not _is_below(
                    name, ("torch.backends",)
                ):
                    self._suspicious_flag("patches-library", module.path, node.lineno, f"{name}.{node.attr}")

    def _check_computed_name(self, module: SourceModule, here: Occurrence) -> None:
        """Flag `getattr(torch, x)` where x is not written out."""
        node = here.node
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and node.args
        ):
            for name in self._project.meanings(module, node.args[0], here.scope):
                if _is_below(name, ("torch",)):
                    self._suspicious_flag("dynamic-import", module.path, node.lineno, f"getattr({name}, …)")

    def _check_exports(self, module: SourceModule, used: set[str]) -> None:
        """A package that re-exports an API hands it in as its own."""
        if not module.is_package:
            return
        names = {name: node.lineno for node, name in _imported_names(module)}
        for star in module.stars:
            if (source := self._project.modules.get(star)) is not None:
                names.update(dict.fromkeys(source.scope.bindings, 1))
            elif self._concerns(star):
                self._off_limits_flag(module.path, 1, f"{star}.*")
        for name, line in names.items():
            for meaning in self._project.exported(module, name):
                if self._is_off_limits(meaning):
                    used.add(meaning)
                    self._off_limits_flag(module.path, line, meaning)

    def _check_unused_imports(self, module: SourceModule, used: set[str]) -> None:
        for here in module.occurrences:
            node = here.node
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [f"{node.module}.{alias.name}".removesuffix(".*") for alias in node.names]
            else:
                continue
            for name in names:
                if self._concerns(name) and not any(_is_below(use, (name,)) for use in used):
                    place = f"{module.path}, line {node.lineno}"
                    text = f"{place} imports {name} and does not use it. That costs nothing."
                    self.findings.noted[ReviewFlag("unused-import", module.path, node.lineno, text)] = None

    def _check_constants(self, module: SourceModule) -> None:
        alone = {id(here.node.value) for here in module.occurrences if isinstance(here.node, ast.Expr)}
        number_lines: list[int] = []
        chars, longest = 0, (0, 0)
        for here in module.occurrences:
            node = here.node
            if not isinstance(node, ast.Constant):
                continue
            if isinstance(node.value, int | float | complex):
                number_lines.append(node.lineno)
            elif isinstance(node.value, str | bytes) and id(node) not in alone:
                chars += len(node.value)
                longest = max(longest, (len(node.value), node.lineno))
                marker = node.value if isinstance(node.value, str) else ""
                if "PYTEST_" in marker:
                    self._suspicious_flag(
                        "test-detection", module.path, node.lineno, f"The text {marker[:40]!a}"
                    )
        if len(number_lines) > MAX_NUMBERS:
            middle = number_lines[len(number_lines) // 2]  # among the mass, not before it
            self._suspicious_flag(
                "pretrained-weights", module.path, middle, f"A list of {len(number_lines)} numbers"
            )
        if chars > MAX_STRINGS_CHARS or longest[0] > MAX_STRING_CHARS:
            self._suspicious_flag(
                "pretrained-weights", module.path, longest[1], f"A text of {chars} characters"
            )

    def _concerns(self, name: str) -> bool:
        return _is_below(name, self._off_limits) or _matches(name, self._routes)

    def _is_namespace(self, name: str) -> bool:
        lower_case = name.rpartition(".")[2].islower()
        return name in self._off_limits or (
            lower_case and any(fnmatchcase(name, space) for space in NAMESPACES)
        )

    def _is_off_limits(self, name: str) -> bool:
        return self._concerns(name) and not self._is_namespace(name) and not _is_below(name, HARMLESS)

    def _is_noted(self, name: str) -> bool:
        return _is_below(name, self._noted)

    def _off_limits_flag(self, file: str, line: int, name: str) -> None:
        text = (
            f"{file}, line {line} uses {name}. This unit asks you to build that part yourself from tensors."
        )
        self.findings.off_limits[ReviewFlag("off-limits-api", file, line, text)] = None

    def _noted_flag(self, file: str, line: int, name: str) -> None:
        text = f"{file}, line {line} mentions {name}. That costs nothing; staff see it."
        self.findings.noted[ReviewFlag("noted-api", file, line, text)] = None

    def _suspicious_flag(self, code: str, file: str, line: int, what: str) -> None:
        text = f"{file}, line {line}: {WORDS[code].format(what=what)}."
        self.findings.suspicious[ReviewFlag(code, file, line, text)] = None


def data_file_flags(paths: Sequence[str]) -> Iterator[ReviewFlag]:
    """Flag files of kinds that hold trained weights."""
    for path in sorted(paths):
        if path.lower().endswith(DATA_ENDINGS):
            yield ReviewFlag(
                "pretrained-weights", path, 0, f"{path} can hold weights that were trained elsewhere."
            )


def _imported_names(module: SourceModule) -> Iterator[tuple[ast.stmt, str]]:
    for here in module.occurrences:
        if isinstance(here.node, ast.Import | ast.ImportFrom) and here.scope is module.scope:
            for alias in here.node.names:
                if alias.name != "*":
                    yield here.node, alias.asname or alias.name.partition(".")[0]


def _is_below(name: str, prefixes: Sequence[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*") for pattern in patterns)
