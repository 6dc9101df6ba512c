"""Static reading finds off-limits APIs by whatever name, and leaves honest code alone."""

from pathlib import Path

import pytest

from grader.judging.static_reading import Reading, read_sources

ROOT = Path(__file__).parents[2]
OFF_LIMITS = ("torch.nn", "torch.nn.functional", "torch.optim")
NOTED = ("torch.log_softmax",)


def read(source, others=None):
    """Read a package whose module train.py is `source`; `others` maps further paths to their source."""
    files = {"g2c/nn/__init__.py": "", "g2c/nn/train.py": source, **(others or {})}
    return read_files({path: text.encode() for path, text in files.items()})


def read_files(files):
    return read_sources(files, "g2c.nn", OFF_LIMITS, NOTED)


def places(flags):
    return [(flag.code, flag.file.rpartition("/")[2], flag.line) for flag in flags]


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# name → (source, the name that must be reported); the offence is always in the last line
OFFENCES = {
    "plain": ("import torch\nx = torch.nn.Linear(1, 1)", "torch.nn.Linear"),
    "import as": ("import torch.nn as nn\nlayer = nn.Linear(1, 1)", "torch.nn.Linear"),
    "from torch import nn": ("from torch import nn\nlayer = nn.ReLU()", "torch.nn.ReLU"),
    "functional as F": (
        "from torch.nn import functional as F\nloss = F.cross_entropy(1, 2)",
        "torch.nn.functional.cross_entropy",
    ),
    "import functional": ("import torch.nn.functional as F\nF.relu(1)", "torch.nn.functional.relu"),
    "renamed torch": ("import torch as t\nt.nn.functional.relu(1)", "torch.nn.functional.relu"),
    "class from optim": ("from torch.optim import SGD\nSGD([], 1)", "torch.optim.SGD"),
    "renamed class": ("from torch.optim import SGD as Mine\nMine([], 1)", "torch.optim.SGD"),
    "assigned module": ("import torch\no = torch.optim\no.SGD([], 1)", "torch.optim.SGD"),
    "assigned twice": ("import torch\na = torch\nb = a.optim\nb.SGD([], 1)", "torch.optim.SGD"),
    "assigned in a tuple": ("import torch\nn, o = torch.nn, torch.optim\no.SGD([], 1)", "torch.optim.SGD"),
    "walrus": ("import torch\n(o := torch.optim)\no.SGD([], 1)", "torch.optim.SGD"),
    "conditional": ("import torch\no = torch.optim if torch else None\no.SGD([], 1)", "torch.optim.SGD"),
    "assigned class": ("import torch\nLinear = torch.nn.Linear", "torch.nn.Linear"),
    "subclass": ("import torch\nclass Module(torch.nn.Module): pass", "torch.nn.Module"),
    "subclass of a loss": (
        "import torch\nclass CE(torch.nn.CrossEntropyLoss): pass",
        "torch.nn.CrossEntropyLoss",
    ),
    "getattr": ('import torch\ngetattr(torch, "nn").Linear(1, 1)', "torch.nn.Linear"),
    "getattr of a class": ('import torch.nn as n\ngetattr(n, "Linear")(1, 1)', "torch.nn.Linear"),
    "getattr in pieces": ('import torch\ngetattr(torch, "n" + f"{\'n\'}").Linear(1, 1)', "torch.nn.Linear"),
    "vars": ('import torch\nvars(torch)["nn"].Linear(1, 1)', "torch.nn.Linear"),
    "__dict__": ('import torch\ntorch.__dict__["nn"].Linear(1, 1)', "torch.nn.Linear"),
    "import_module": (
        'import importlib\nimportlib.import_module("torch.nn").Linear(1, 1)',
        "torch.nn.Linear",
    ),
    "import_module by name": (
        'from importlib import import_module as im\nn = im("torch.nn")\nn.Linear(1, 1)',
        "torch.nn.Linear",
    ),
    "__import__": ('__import__("torch").nn.Linear(1, 1)', "torch.nn.Linear"),
    "sys.modules": ('import sys\nsys.modules["torch"].nn.Linear(1, 1)', "torch.nn.Linear"),
    "star import": (
        "from torch.nn.functional import *\ncross_entropy(1, 2)",
        "torch.nn.functional.cross_entropy",
    ),
    "deep module": (
        "from torch.nn.modules.loss import CrossEntropyLoss\nCrossEntropyLoss()",
        "CrossEntropyLoss",
    ),
    "deep module path": (
        "import torch\ntorch.nn.modules.linear.Linear(1, 1)",
        "torch.nn.modules.linear.Linear",
    ),
    "in a function": ("def f():\n    import torch.nn as n\n    return n.Linear(1, 1)", "torch.nn.Linear"),
    "on self": (
        "import torch\nclass A:\n  def g(self): self.F = torch.nn.functional\n  def f(self): self.F.relu(1)",
        "torch.nn.functional.relu",
    ),
    "on the class": (
        "import torch\nclass A:\n    F = torch.nn.functional\n    def f(self): self.F.relu(1)",
        "torch.nn.functional.relu",
    ),
    "global": (
        "import torch\ndef f():\n    global o\n    o = torch.optim\ndef g(): o.SGD([], 1)",
        "torch.optim.SGD",
    ),
    "as an argument": ("import torch\nlist(map(torch.nn.Linear, [1]))", "torch.nn.Linear"),
    "as a decorator": (
        "import torch\n@torch.nn.utils.x.y\n@torch.nn.Module\ndef f(): ...",
        "torch.nn.Module",
    ),
    "as a default": ("import torch\ndef f(a=torch.nn.Linear): ...", "torch.nn.Linear"),
    "try": (
        "try:\n    import torch.nn as n\nexcept ImportError:\n    n = None\nn.Linear(1, 1)",
        "torch.nn.Linear",
    ),
    "optimizer module": ("import torch.optim.sgd as s\ns.sgd([], 1)", "torch.optim.sgd.sgd"),
    "without the namespace": ("import torch\ntorch.nll_loss(1, 2)", "torch.nll_loss"),
    "cross_entropy_loss": ("import torch\ntorch.cross_entropy_loss(1, 2)", "torch.cross_entropy_loss"),
    "from torch": ("from torch import native_layer_norm as n\nn(1)", "torch.native_layer_norm"),
    "C bindings": ("import torch\ntorch._C._nn.cross_entropy_loss(1, 2)", "torch._C._nn.cross_entropy_loss"),
    "operators": ("import torch\ntorch.ops.aten.nll_loss(1, 2)", "torch.ops.aten.nll_loss"),
    "fused optimizer": ("import torch\ntorch._fused_sgd_([])", "torch._fused_sgd_"),
}


@pytest.mark.parametrize("case", OFFENCES)
def test_off_limits_use_is_found_in_its_line(case):
    source, name = OFFENCES[case]
    reading = read(source)
    last = [flag for flag in reading.off_limits if name in flag.text]
    assert last, reading
    assert {(flag.code, flag.file) for flag in last} == {("off-limits-api", "g2c/nn/train.py")}
    offending = source.count("\n") + (0 if "decorator" in case else 1)
    assert offending in {flag.line for flag in last}


HONEST = {
    "relu": "import torch\ntorch.relu(1); torch.tanh(1); torch.softmax(1, 1); torch.logsumexp(1, 1)",
    "relu_": "import torch\ntorch.relu_(torch.zeros(1))",
    "own name": "from g2c.nn.modules import Linear, Sequential\nnn = Sequential(Linear(1, 1))\nnn.Linear",
    "attribute": "class A:\n  def __init__(self, nn): self.nn = nn\n  def f(self): return self.nn.Linear(1)",
    "parameter": "def f(nn, F, optim): return F.relu(nn.Linear(optim.SGD))",
    "own class": "class SGD: ...\nclass Module: ...\nclass Linear(Module): ...\nSGD(); Linear()",
    "own module": "from . import optim, loss\nfrom .. import nn\noptim.SGD; nn.Linear; loss.CrossEntropyLoss",
    "own package": "import g2c.nn\nimport g2c.nn.optim as optim\ng2c.nn.Linear(1, 1); optim.SGD([], 1)",
    "tqdm and pictures": "from tqdm import tqdm\nimport matplotlib as p\nfor i in tqdm([1]): p.plot([i])",
    "loop": "for nn in [1]: nn.Linear",
    "with": "with open('x') as nn: nn.Linear",
    "text": "'''Like torch.nn.Linear, but ours.'''\n# torch.nn.functional.relu\nprint('torch.optim.SGD')",
    "typing": "import typing as t\ndef f(x: t.Any) -> 'torch.nn.Module': ...",
    "other getattr": "def f(model): return getattr(model, 'device', None), model.eval()",
    "datasets": "from torch.utils.data import Dataset\nfrom torchvision import datasets\ndatasets.MNIST('x')",
    "backends": "import torch\ntorch.backends.cudnn.deterministic = True\ntorch.manual_seed(0)",
    "gradients": "import torch\nx = torch.zeros(3)\nx.grad = None\nx.data = torch.ones(3)",
    "argument parsing": "import sys, os, time, argparse\nsys.argv; os.path.join('a', 'b'); time.time()",
    "main block": (
        "import torch\nif __name__ == '__main__':\n    import torch.nn as nn\n    import subprocess\n"
        "    nn.Linear(1, 1)\n    torch.optim.SGD([], 1)\n    eval('1')"
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_honest_code_raises_no_flag(case):
    assert read(HONEST[case], {"g2c/nn/optim.py": "class SGD: ...", "g2c/nn/loss.py": ""}) == Reading()


def test_reference_and_template_raise_no_off_limits_flag():
    for name in ("reference", "student_template"):
        files = tree(ROOT / name / "nn")
        reading = read_files({path: data for path, data in files.items() if "__pycache__" not in path})
        assert reading.off_limits == () and reading.suspicious == ()


NOTED_SOURCES = {
    "unused import": ("import torch.nn as nn", "unused-import"),
    "unused class": ("from torch.nn import CrossEntropyLoss", "unused-import"),
    "annotation": ("import torch\ndef f(m: torch.nn.Module) -> torch.nn.Module: ...", "noted-api"),
    "annotated variable": ("import torch\nm: torch.nn.Module | None = None", "noted-api"),
    "isinstance": ("import torch\nisinstance(1, torch.nn.Module)", "noted-api"),
    "Parameter": ("import torch\ntorch.nn.Parameter(torch.zeros(1))", "noted-api"),
    "init": ("import torch\ntorch.nn.init.uniform_(1)", "noted-api"),
    "log_softmax": ("import torch\ntorch.log_softmax(1, 1)", "noted-api"),
    "log_softmax as a method": ("def f(x): return x.log_softmax(1)", "noted-api"),
    "module passed on": ("import torch\nprint(torch.nn)", "noted-api"),
    "syntax error": ("x = 1\ndef f(:\n    pass", "syntax-error"),
    "NUL": ("x = 1\0", "syntax-error"),
    "huge number": ("x = " + "9" * 5000, "syntax-error"),
}


@pytest.mark.parametrize("case", NOTED_SOURCES)
def test_noted_but_free(case):
    source, code = NOTED_SOURCES[case]
    reading = read(source)
    assert {flag.code for flag in reading.noted} == {code}
    assert reading.off_limits == () and reading.suspicious == ()


def test_a_syntax_error_has_its_line():
    assert places(read("x = 1\ndef f(:\n    pass").noted) == [("syntax-error", "train.py", 2)]


def test_imports_are_followed_through_the_submission():
    reading = read(
        "from g2c.nn.compat import fn\nfrom .layers import *\nfn.relu(1)\nDense(1, 1)",
        {
            "g2c/nn/compat.py": "import torch.nn.functional as fn",
            "g2c/nn/layers.py": "from torch.nn import Linear as Dense",
        },
    )
    assert places(reading.off_limits) == [
        ("off-limits-api", "train.py", 3),
        ("off-limits-api", "train.py", 4),
    ]


def test_a_package_that_re_exports_an_api_uses_it():
    for source in (
        "import torch\nfrom torch.nn import Linear",
        "import torch\nfrom .train import Linear",
    ):
        reading = read("from torch.nn import Linear", {"g2c/nn/__init__.py": source})
        assert places(reading.off_limits) == [("off-limits-api", "__init__.py", 2)]
    assert read("", {"g2c/nn/__init__.py": "from torch.nn import *"}).off_limits


def test_only_what_the_package_imports_counts():
    offence = "import torch\ntorch.nn.Linear(1, 1)"
    unread = ("tests/test_nn.py", "compare.py", "g2c/other.py", "g2c/nn/tests/extra.py", "conftest.py")
    others = dict.fromkeys(unread, offence)
    assert read("x = 1", others) == Reading()
    for imports, file in {
        "import compare": "compare.py",
        "from tests import test_nn": "test_nn.py",
        "from .. import other": "other.py",
    }.items():
        assert places(read(imports, others).off_limits) == [("off-limits-api", file, 2)]
    assert read("", {**others, "g2c/__init__.py": "import compare"}).off_limits


def test_after_a_computed_import_all_files_are_read_but_cost_nothing():
    source = "import importlib\nimportlib.import_module(input())"
    reading = read(source, {"compare.py": "import torch.nn as n\nn.ReLU()"})
    assert reading.off_limits == ()
    assert ("off-limits-api", "compare.py", 2) in places(reading.noted)


def test_a_pretended_main_block_is_read():
    source = "import torch\n__name__ = '__main__'\nif __name__ == '__main__':\n    torch.nn.Linear(1, 1)"
    assert places(read(source).off_limits) == [("off-limits-api", "train.py", 4)]


def test_the_else_of_a_main_block_is_read():
    source = "import torch\nif '__main__' == __name__:\n    pass\nelse:\n    torch.nn.Linear(1, 1)"
    assert places(read(source).off_limits) == [("off-limits-api", "train.py", 5)]


def test_many_flags_are_capped():
    reading = read("import torch\n" + "torch.nn.Linear(1, 1)\n" * 500)
    assert len(reading.off_limits) == 101 and "400 more" in reading.off_limits[-1].text


def test_texts_are_plain_sentences():
    reading = read("import torch\ntorch.nn.Linear(1, 1)\nexec('')\ndef f(x: torch.nn.Module): ...")
    for flag in (*reading.off_limits, *reading.noted, *reading.suspicious):
        assert flag.text.startswith(f"{flag.file}, line {flag.line}") and flag.text.endswith(".")
