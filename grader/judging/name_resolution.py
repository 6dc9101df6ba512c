"""Finds out what dotted names in source code mean, without running it.

Theory of operation. Each `SourceModule` records what its scopes bind: imports as dotted origins, plain
assignments as aliases of their value, everything else as the student's own. `Project` resolves an
expression by following these bindings, across the modules of the submission too, to the set of things it
may mean: after `import torch as t; o = t.optim`, the expression `o.SGD` means {"torch.optim.SGD"}. The
order of statements is not followed: a name that is bound twice may mean either.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from grader.judging.source_module import Alias, Scope, SourceModule, attribute_read, literal_text

MAX_MEANINGS = 16
MAX_DEPTH = 60
IMPORTERS = frozenset({"importlib.import_module", "importlib.__import__", "builtins.__import__"})


class Project:
    """The parsed modules of a submission, and the meanings of expressions in them."""

    def __init__(self, modules: Mapping[str, SourceModule]):
        self.modules = modules
        self._by_name: dict[tuple[int, str], frozenset[str]] = {}
        self._by_expression: dict[int, frozenset[str]] = {}

    def meanings(self, module: SourceModule, node: ast.AST, scope: Scope, depth: int = 0) -> frozenset[str]:
        """Return the dotted names `node` may stand for; empty if it is the student's own."""
        if id(node) not in self._by_expression:
            self._by_expression[id(node)] = frozenset()  # what a circular alias finds
            self._by_expression[id(node)] = self._resolve(module, node, scope, depth)
        return self._by_expression[id(node)]

    def exported(self, module: SourceModule, name: str, depth: int = 0) -> frozenset[str]:
        """Return what `name` may mean at the top level of `module`."""
        return self._name(module, name, module.scope, depth)

    def _resolve(self, module: SourceModule, node: ast.AST, scope: Scope, depth: int) -> frozenset[str]:
        if depth > MAX_DEPTH:
            return frozenset()
        attributes: list[str] = []
        while (step := attribute_read(node)) is not None:
            node = step[0]
            attributes.append(step[1])
        bases = self._base(module, node, scope, depth)
        if not bases and attributes:
            aliases = module.attribute_aliases.get(attributes[-1], [])
            found = [
                self.meanings(module, alias.value, alias.scope, depth + 1) for alias in aliases[:MAX_MEANINGS]
            ]
            bases = frozenset().union(*found)
            attributes.pop()
        path = "".join(f".{attribute}" for attribute in reversed(attributes))
        return self._limited(meaning for base in bases for meaning in self._expand(base + path, depth))

    def _base(self, module: SourceModule, node: ast.AST, scope: Scope, depth: int) -> frozenset[str]:
        if isinstance(node, ast.Name):
            return self._name(module, node.id, scope, depth)
        if isinstance(node, ast.NamedExpr):
            return self.meanings(module, node.value, scope, depth + 1)
        if isinstance(node, ast.IfExp):
            either = (self.meanings(module, part, scope, depth + 1) for part in (node.body, node.orelse))
            return frozenset().union(*either)
        if isinstance(node, ast.Call) and node.args and (name := literal_text(node.args[0])):
            called = self.meanings(module, node.func, scope, depth + 1)
            if not called.isdisjoint(IMPORTERS):
                return frozenset({name})
        if (
            isinstance(node, ast.Subscript)
            and (name := literal_text(node.slice))
            and "sys.modules" in self.meanings(module, node.value, scope, depth + 1)
        ):
            return frozenset({name})
        return frozenset()

    def _name(self, module: SourceModule, name: str, scope: Scope, depth: int) -> frozenset[str]:
        holder = scope.holder(name)
        if holder is None:
            if hasattr(builtins, name):
                return frozenset({f"builtins.{name}"})
            return self._limited(
                meaning for star in module.stars for meaning in self._expand(f"{star}.{name}", depth)
            )
        key = (id(holder), name)
        if key not in self._by_name:
            self._by_name[key] = frozenset()  # what a circular alias finds
            self._by_name[key] = self._limited(self._bound(module, holder.bindings[name], depth))
        return self._by_name[key]

    def _bound(self, module: SourceModule, bindings: list[str | Alias | None], depth: int) -> Iterator[str]:
        for binding in bindings:
            if isinstance(binding, Alias):
                yield from self.meanings(module, binding.value, binding.scope, depth + 1)
            elif binding is not None:
                yield from self._expand(binding, depth)

    def _expand(self, dotted: str, depth: int) -> frozenset[str]:
        """Follow a dotted name into the submission's own modules, to what it was imported from."""
        if depth > MAX_DEPTH:
            return frozenset()
        parts = dotted.split(".")
        for end in range(len(parts) - 1, 0, -1):
            own = self.modules.get(".".join(parts[:end]))
            if own is None:
                continue
            if dotted in self.modules:
                return frozenset({dotted})
            rest = "".join(f".{part}" for part in parts[end + 1 :])
            found = self._name(own, parts[end], own.scope, depth + 1)
            return self._limited(
                meaning for origin in found for meaning in self._expand(origin + rest, depth + 1)
            )
        return frozenset({dotted})

    @staticmethod
    def _limited(meanings: Iterator[str]) -> frozenset[str]:
        found: set[str] = set()
        for meaning in meanings:
            found.add(meaning)
            if len(found) >= MAX_MEANINGS:
                break
        return frozenset(found)
