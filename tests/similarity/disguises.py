# ruff: noqa: E501  # code reads best in its own lines
"""What people do to a copied solution so that it looks like their own; each keeps what the code does."""

from __future__ import annotations

import ast
import builtins
import keyword
import random
from collections.abc import Callable, Mapping

Files = Mapping[str, str]
SYLLABLES = "ba ce di fo gu ha ki lo mu ne pa ri so tu va we zi".split()

COMMENTS = (
    "here we go through the data",
    "the important part comes now",
    "as explained in the tutorial",
    "do not change the order of these lines",
    "this is the update",
    "compute the value that we need below",
    "helper, see the lecture notes on autograd",
)
DOCSTRINGS = (
    "My own version of this, written after the tutorial on Tuesday.",
    "Does what the assignment asks for and returns the result.",
    "Takes the inputs, works on them, gives back the outputs.\n\n    Tested by hand on small numbers.",
)
DEAD_STATEMENTS = (
    "{a} = 0\nif {a} > 10:\n    print('never', {a})",
    "{a} = [1, 2, 3]\n{b} = sum({a})",
    "if False:\n    raise RuntimeError('not reached')",
    "{a} = None\nwhile {a} is not None:\n    {a} = None",
    "{a} = 'debug'\n{b} = len({a}) * 2",
)
DEAD_DEFINITIONS = (
    "def {a}(values, limit=10):\n    found = []\n    for value in values:\n        if value > limit:\n"
    "            found.append(value - limit)\n    return found",
    "class {a}:\n    def __init__(self, size):\n        self.size = size\n        self.items = {{}}\n\n"
    "    def put(self, key, item):\n        if len(self.items) < self.size:\n            self.items[key] = item",
    "def {a}(x):\n    try:\n        return float(x)\n    except ValueError:\n        return -1.0",
    "def {a}(n):\n    first, second = 0, 1\n    while n > 0:\n        first, second = second, first + second\n"
    "        n -= 1\n    return first",
)


def renamed(files: Files, rng: random.Random) -> dict[str, str]:
    """Every local variable, and every helper's name, is another one; what the tests call keeps its name."""
    return _each_tree(files, lambda tree: _Renaming(rng).visit(tree))


def reordered(files: Files, rng: random.Random) -> dict[str, str]:
    """Functions stand in another order, methods within classes too; classes keep theirs."""

    def shuffle(tree: ast.Module) -> ast.Module:
        _shuffle_runs(tree.body, rng)
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                _shuffle_runs(node.body, rng)
        return tree

    return _each_tree(files, shuffle)


def recommented(files: Files, rng: random.Random) -> dict[str, str]:
    """Comments are gone, docstrings say something else, and other comments stand elsewhere."""

    def change(tree: ast.Module) -> ast.Module:
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    first.value.value = rng.choice(DOCSTRINGS)
                elif isinstance(node, ast.FunctionDef) and rng.random() < 0.5:
                    node.body.insert(0, ast.Expr(ast.Constant(rng.choice(DOCSTRINGS))))
        return tree

    return {path: _with_comments(source, rng) for path, source in _each_tree(files, change).items()}


def padded(files: Files, rng: random.Random) -> dict[str, str]:
    """Functions and statements are added that nothing needs."""

    def pad(tree: ast.Module) -> ast.Module:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and rng.random() < 0.6:
                dead = ast.parse(rng.choice(DEAD_STATEMENTS).format(a=_word(rng), b=_word(rng))).body
                place = rng.randint(_first_statement(node), len(node.body) - 1)
                node.body[place:place] = dead
        for _ in range(rng.randint(1, 2)):
            definition = ast.parse(rng.choice(DEAD_DEFINITIONS).format(a=_word(rng))).body
            places = [
                at for at, node in enumerate(tree.body) if isinstance(node, ast.ClassDef | ast.FunctionDef)
            ]
            place = rng.choice(places or [len(tree.body)])
            tree.body[place:place] = definition
        return tree

    return _each_tree(files, pad)


def all_at_once(files: Files, rng: random.Random) -> dict[str, str]:
    """Everything above, one after the other."""
    return recommented(reordered(renamed(padded(files, rng), rng), rng), rng)


DISGUISES: dict[str, Callable[[Files, random.Random], dict[str, str]]] = {
    "variables renamed": renamed,
    "functions reordered": reordered,
    "comments changed": recommented,
    "dead code added": padded,
    "all at once": all_at_once,
}


class _Renaming(ast.NodeTransformer):
    """Renames within functions; names of arguments stay, because callers may say them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names: dict[str, str] = {}
        self.depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        outer, self.names = self.names, dict(self.names)
        own = {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del)
        }
        nested = {
            inner.name for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef) and inner is not node
        }
        arguments = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
        for name in sorted((own | nested) - arguments - set(dir(builtins))):
            self.names[name] = _word(self.rng)
        if self.depth:
            node.name = outer.get(node.name, node.name)
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        self.names = outer
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node


def _each_tree(files: Files, change: Callable[[ast.Module], ast.Module]) -> dict[str, str]:
    return {
        path: ast.unparse(ast.fix_missing_locations(change(ast.parse(source)))) + "\n"
        if _is_code(path)
        else source
        for path, source in files.items()
    }


def _is_code(path: str) -> bool:
    return path.endswith(".py") and not path.endswith("__init__.py")


def _shuffle_runs(body: list[ast.stmt], rng: random.Random) -> None:
    """Shuffle the functions among the places that functions have."""
    places = [at for at, node in enumerate(body) if isinstance(node, ast.FunctionDef)]
    functions = [body[at] for at in places]
    rng.shuffle(functions)
    for at, function in zip(places, functions, strict=True):
        body[at] = function


def _first_statement(node: ast.FunctionDef) -> int:
    first = node.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return 1 if has_docstring and len(node.body) > 1 else 0


def _with_comments(source: str, rng: random.Random) -> str:
    lines = []
    inside_text = False
    for line in source.split("\n"):
        if not inside_text and line.strip() and not line.strip().startswith('"""') and rng.random() < 0.15:
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}# {rng.choice(COMMENTS)}")
        inside_text ^= line.count('"""') % 2 == 1
        lines.append(line)
    return "\n".join(lines)


def _word(rng: random.Random) -> str:
    while True:
        word = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4)))
        if not keyword.iskeyword(word):
            return word
