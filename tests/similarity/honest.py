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

from tests.similarity.ways import NAMES, WAYS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "student_template" / "nn"
SAMPLES = ROOT / "tests" / "submissions" / "nn" / "different"
REAL_STYLE = ("style-terse", "style-template-filled-in")  # whole solutions, written by hand
MODULES = ("modules.py", "loss.py", "optim.py", "train.py")
COMMON_WAY = 0.35  # how often the way that is found first is taken, beside its part of the rest

HABITS = {
    "modules.py": (
        "\n\ndef count_parameters(module):\n    return sum(p.numel() for p in module.parameters())\n",
        "\n\ndef _shape_of(tensor):\n    return 'x'.join(str(n) for n in tensor.shape)\n",
        "\n\nclass Identity(Module):\n    def forward(self, x):\n        return x\n",
        "\n\nclass LeakyReLU(Module):\n    def __init__(self, slope=0.01):\n        self.slope = slope\n\n"
        "    def forward(self, x):\n        return torch.where(x > 0, x, self.slope * x)\n",
    ),
    "loss.py": (
        "\n\ndef softmax(logits):\n    e = (logits - logits.max(1, keepdim=True).values).exp()\n"
        "    return e / e.sum(1, keepdim=True)\n",
        "\n\nif __name__ == '__main__':\n    torch.manual_seed(0)\n    scores = torch.randn(4, 3)\n"
        "    print(CrossEntropyLoss()(scores, torch.tensor([0, 1, 2, 0])))\n",
        "\n\nclass L1Loss(Module):\n    def forward(self, predictions, targets):\n"
        "        return (predictions - targets).abs().mean()\n",
    ),
    "optim.py": (
        "\n\ndef grad_norm(params):\n    squares = [(p.grad ** 2).sum() for p in params if p.grad is not None]\n"
        "    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0\n",
        "\n\nclass StepDecay:\n    def __init__(self, optimizer, every, factor):\n"
        "        self.optimizer, self.every, self.factor, self.n = optimizer, every, factor, 0\n\n"
        "    def tick(self):\n        self.n += 1\n        if self.n % self.every == 0:\n"
        "            self.optimizer.lr *= self.factor\n",
    ),
    "train.py": (
        "\n\ndef smooth(values, k=10):\n    return [sum(values[max(0, i - k) : i + 1]) / (i + 1 - max(0, i - k))"
        " for i in range(len(values))]\n",
        "\n\nif __name__ == '__main__':\n    x = torch.linspace(-1, 1, 50).reshape(-1, 1)\n"
        "    fitted, curve = train_linear_regression(x, 3 * x + 1)\n    print(fitted.W, fitted.b, curve[-1])\n",
        "\n\ndef report(name, value):\n    print(f'{name:>12}: {value:.4f}')\n",
        "\n\ndef confusion(logits, targets, classes=10):\n    table = torch.zeros(classes, classes)\n"
        "    for guess, truth in zip(logits.argmax(1).tolist(), targets.tolist()):\n"
        "        table[truth, guess] += 1\n    return table\n",
        "\n\nclass Stopwatch:\n    def __enter__(self):\n        import time\n\n"
        "        self.began = time.perf_counter()\n        return self\n\n    def __exit__(self, *error):\n"
        "        import time\n\n        self.took_s = time.perf_counter() - self.began\n",
    ),
}
REMARKS = (
    "shapes: (B, in)",
    "see the lecture",
    "this took me a while",
    "first try was wrong, see notebook",
    "autograd does the rest",
    "mean over the batch",
    "ok",
    "stable version",
)

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
