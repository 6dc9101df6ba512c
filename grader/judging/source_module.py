"""What one source file binds: imports, aliases and the student's own names, scope by scope.

The syntax tree is walked once, with an explicit stack, because hostile source is nested deeply.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_PIECES = 50

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Place(enum.Enum):
    """Whether code computes with a name or only speaks of types."""

    CODE = "code"
    TYPE = "type"


class Scope:
    """The names that one module, class, function or comprehension binds."""

    def __init__(self, parent: Scope | None = None, is_class: bool = False):
        self.parent = parent
        self.is_class = is_class
        self.bindings: dict[str, list[str | Alias | None]] = {}
        self.elsewhere: dict[str, Scope] = {}

    def bind(self, name: str, meaning: str | Alias | None) -> None:
        """Record a binding: a dotted origin, an alias, or None for the student's own."""
        self.elsewhere.get(name, self).bindings.setdefault(name, []).append(meaning)

    def holder(self, name: str) -> Scope | None:
        """Return the scope in which `name`, read here, is bound; None if nowhere."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings and (scope is self or not scope.is_class):
                return scope
            scope = scope.parent
        return None


@dataclass(frozen=True, eq=False)
class Alias:
    """A name that stands for the value of an expression."""

    value: ast.expr
    scope: Scope


@dataclass(frozen=True)
class Occurrence:
    """A node of the tree, where it stands."""

    node: ast.AST
    scope: Scope
    place: Place


@dataclass
class SourceModule:
    """One parsed file: its nodes outside `if __name__ == "__main__":`, and what it binds."""

    name: str
    path: str
    tree: ast.Module
    scope: Scope = field(default_factory=Scope)
    occurrences: list[Occurrence] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    attribute_aliases: dict[str, list[Alias]] = field(default_factory=dict)
    alias_values: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._main_blocks_are_real = not any(
            isinstance(node, ast.Name) and node.id == "__name__" and isinstance(node.ctx, ast.Store)
            for node in ast.walk(self.tree)
        )
        stack = [Occurrence(self.tree, self.scope, Place.CODE)]
        while stack:
            here = stack.pop()
            self.occurrences.append(here)
            stack.extend(reversed(list(self._enter(here))))

    @property
    def is_package(self) -> bool:
        """Whether this is an `__init__.py`."""
        return self.path.rpartition("/")[2] == "__init__.py"

    def _enter(self, here: Occurrence) -> Iterator[Occurrence]:
        """Record what the node binds; yield its children, each in its own scope."""
        node, scope = here.node, here.scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from self._enter_function(node, scope)
            return
        if isinstance(node, ast.ClassDef):
            scope.bind(node.name, None)
            inner = Scope(scope, is_class=True)
            for child in (*node.decorator_list, *node.bases, *node.keywords):
                yield Occurrence(child, scope, here.place)
            for child in node.body:
                yield Occurrence(child, inner, here.place)
            return
        if isinstance(node, ast.If) and self._main_blocks_are_real and _is_main_test(node.test):
            for child in node.orelse:
                yield Occurrence(child, scope, here.place)
            return
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            yield from self._enter_assignment(node, here)
            return
        self._bind_plain(node, scope)
        if isinstance(node, Comprehension):
            scope = Scope(scope)
        type_arguments: list[ast.expr] = []
        if isinstance(node, ast.Call) and called_name(node) in ("isinstance", "issubclass"):
            type_arguments = node.args[1:2]
        for child in ast.iter_child_nodes(node):
            yield Occurrence(child, scope, Place.TYPE if child in type_arguments else here.place)

    def _enter_function(self, node: FunctionNode, scope: Scope) -> Iterator[Occurrence]:
        inner = Scope(scope)
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        types = [argument.annotation for argument in named]
        outside: list[ast.expr | None] = [*arguments.defaults, *arguments.kw_defaults]
        for argument in named:
            inner.bind(argument.arg, None)
        if isinstance(node, ast.Lambda):
            body: list[ast.AST] = [node.body]
        else:
            scope.bind(node.name, None)
            outside += node.decorator_list
            types.append(node.returns)
            body = [*node.body]
        yield from (Occurrence(child, scope, Place.CODE) for child in outside if child is not None)
        yield from (Occurrence(child, scope, Place.TYPE) for child in types if child is not None)
        yield from (Occurrence(child, inner, Place.CODE) for child in body)

    def _enter_assignment(
        self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, here: Occurrence
    ) -> Iterator[Occurrence]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node, ast.AnnAssign):
            yield Occurrence(node.annotation, here.scope, Place.TYPE)
        if node.value is not None:
            yield Occurrence(node.value, here.scope, here.place)
        for target in targets:
            if not (node.value is not None and self._bind_alias(target, node.value, here.scope)):
                yield Occurrence(target, here.scope, here.place)

    def _bind_alias(self, target: ast.expr, value: ast.expr, scope: Scope) -> bool:
        """Record `target = value`; False if the target must be looked at itself."""
        if isinstance(target, ast.Name):
            scope.bind(target.id, Alias(value, scope))
            self.alias_values.add(id(value))
            if scope.is_class:
                self.attribute_aliases.setdefault(target.id, []).append(Alias(value, scope))
            return True
        if isinstance(target, ast.Attribute):
            self.attribute_aliases.setdefault(target.attr, []).append(Alias(value, scope))
            self.alias_values.add(id(value))
        elif (
            isinstance(target, ast.Tuple | ast.List)
            and isinstance(value, ast.Tuple | ast.List)
            and len(target.elts) == len(value.elts)
            and all(isinstance(element, ast.Name) for element in target.elts)
        ):
            pairs = zip(target.elts, value.elts, strict=True)
            return all(self._bind_alias(name, part, scope) for name, part in pairs)
        return False

    def _bind_plain(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.bind(node.id, None)
        elif isinstance(node, ast.Global):
            scope.elsewhere.update(dict.fromkeys(node.names, self.scope))
        elif isinstance(node, ast.Nonlocal) and scope.parent is not None:
            scope.elsewhere.update(dict.fromkeys(node.names, scope.parent))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            scope.bind(node.name, None)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bind(node.rest, None)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.imported.append(alias.name)
                origin = alias.name if alias.asname else alias.name.partition(".")[0]
                scope.bind(alias.asname or origin, origin)
        elif isinstance(node, ast.ImportFrom):
            source = self.import_source(node)
            for alias in node.names:
                self.imported.append(f"{source}.{alias.name}")
                if alias.name == "*":
                    self.stars.append(source)
                else:
                    scope.bind(alias.asname or alias.name, f"{source}.{alias.name}")

    def import_source(self, node: ast.ImportFrom) -> str:
        """Return the absolute dotted name of the module that a `from … import` reads."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        package = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*package, *([node.module] if node.module else [])])


def attribute_read(node: ast.AST) -> tuple[ast.expr, str] | None:
    """If `node` reads a named attribute of something, return that something and the name.

    `getattr(x, "a")`, `x.__dict__["a"]` and `vars(x)["a"]` read one as `x.a` does.
    """
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    if isinstance(node, ast.Call) and called_name(node) == "getattr" and len(node.args) >= 2:
        name = literal_text(node.args[1])
        return (node.args[0], name) if name else None
    if isinstance(node, ast.Subscript) and (name := literal_text(node.slice)):
        holder = node.value
        if isinstance(holder, ast.Attribute) and holder.attr == "__dict__":
            return holder.value, name
        if isinstance(holder, ast.Call) and called_name(holder) == "vars" and holder.args:
            return holder.args[0], name
    return None


def called_name(node: ast.Call) -> str:
    """Return the name that a call calls; "" for anything but a plain name."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def literal_text(node: ast.expr) -> str:
    """Return the text that `node` writes out, maybe in pieces ("n" + "n"); "" for anything else."""
    pieces: list[str] = []
    pending: list[ast.expr] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            pending += [part.right, part.left]
        elif isinstance(part, ast.JoinedStr):
            pending += reversed(part.values)
        elif isinstance(part, ast.FormattedValue) and part.format_spec is None:
            pending.append(part.value)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and len(pieces) < MAX_PIECES:
            pieces.append(part.value)
        else:
            return ""
    return "".join(pieces)


def _is_main_test(test: ast.expr) -> bool:
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        literal_text(side) == "__main__" for side in sides
    )
