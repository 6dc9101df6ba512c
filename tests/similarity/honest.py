"""Right solutions of unit `nn` by hands that never met, composed by seed from `ways`.

Each hand has its own ways, names, habits and care for the template's docstrings and annotations. Most people
take the way that is found first, so honest solutions are alike in much, as they are in a real course.
"""

from __future__ import annotations

import ast
import random
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from string import Template

from tests.similarity.ways import HABITS, NAMES, REMARKS, WAYS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "student_template" / "nn"
SAMPLES = ROOT / "tests" / "submissions" / "nn" / "different"
REAL_STYLE = ("style-terse", "style-template-filled-in")  # whole solutions, written by hand
MODULES = ("modules.py", "loss.py", "optim.py", "train.py")
COMMON_WAY = 0.35  # how often the way that is found first is taken, beside its part of the rest


Files = Mapping[str, str]


def template_files() -> dict[str, str]:
    """The package's files as students get them, by path."""
    return {
        path: (TEMPLATE / path).read_text(encoding="utf-8") for path in map(_place, ("__init__.py", *MODULES))
    }


def honest_submissions(number: int, seed: int = 1) -> list[dict[str, str]]:
    """Return so many solutions: the real-style ones, then one per generated hand."""
    real = [_sample(name) for name in REAL_STYLE]
    return [*real, *(solution(random.Random(f"{seed}:{hand}")) for hand in range(number - len(real)))]


def solution(rng: random.Random) -> dict[str, str]:
    """Return what one hand makes of the template: path → source."""
    care = rng.choices(("keeps everything", "drops docstrings", "drops annotations"), (5, 3, 2))[0]
    files = template_files()
    for path in map(_place, MODULES):
        source = _filled(files[path], rng)
        name = path.rpartition("/")[2]
        for habit in HABITS[name]:
            if rng.random() < 0.2:
                source += habit
        if care != "keeps everything":
            source = _bare(source, keeps_annotations=care == "drops docstrings")
        files[path] = _remarked(source, rng)
    return files


def _place(name: str) -> str:
    return f"g2c/nn/{name}"


def _sample(name: str) -> dict[str, str]:
    files = template_files()
    folder = SAMPLES / name
    return files | {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")
    }


def _filled(source: str, rng: random.Random) -> str:
    """Return the module with every TODO done in one of its ways."""

    def done(match: re.Match[str]) -> str:
        ways = WAYS[match["part"]]
        way = ways[0] if rng.random() < COMMON_WAY else rng.choice(ways)
        return textwrap.indent(_named(way, rng), match["indent"]) + "\n"

    todo = r'(?:^ +# .*\n)*^(?P<indent> +)raise NotImplementedError\("TODO: (?P<part>\S+) in .*\n'
    return re.sub(todo, done, source, flags=re.MULTILINE)


def _named(way: str, rng: random.Random) -> str:
    taken = set(re.findall(r"\w+", way))
    chosen = {}
    for placeholder, names in NAMES.items():
        chosen[placeholder] = rng.choice(
            [name for name in names.split() if name not in taken] or [placeholder]
        )
        if f"${placeholder}" in way:
            taken.add(chosen[placeholder])
    return Template(way).substitute(chosen)


def _bare(source: str, keeps_annotations: bool) -> str:
    """Return the module without docstrings and comments, and without annotations if they are not kept."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1:
                node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef) and not keeps_annotations:
            node.returns = None
            for argument in (*node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
    return ast.unparse(tree) + "\n"


def _remarked(source: str, rng: random.Random) -> str:
    lines = source.split("\n")
    return "\n".join(
        f"{line}  # {rng.choice(REMARKS)}"
        if line.lstrip().startswith(("return ", "for ", "loss"))
        and line.endswith((")", ":"))
        and rng.random() < 0.05
        else line
        for line in lines
    )
