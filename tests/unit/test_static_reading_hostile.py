"""Static reading shows staff what is suspicious, and survives whatever source it is given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judging.static_reading import Reading
from tests.unit.test_static_reading import places, read, read_files

SUSPICIOUS = {
    "torch.load": ("import torch\ntorch.load('w.pt')", "pretrained-weights"),
    "np.load": ("import numpy as np\nnp.load('w.npy')", "pretrained-weights"),
    "pickle": ("from pickle import loads\nloads(b'')", "pretrained-weights"),
    "numbers": ("\nW = [" + "0.25, " * 6000 + "]", "pretrained-weights"),
    "numbers in pieces": ("\nW = 0;" + "W += 0.5;" * 6000, "pretrained-weights"),
    "packed text": ("import base64\nbase64.b85decode('')", "pretrained-weights"),
    "long string": (f"\nW = '{'x' * 5_000}'", "pretrained-weights"),
    "string": (f"\nW = '{'x' * 25_000}'", "pretrained-weights"),
    "bytes": (f"\nW = b'{'x' * 25_000}'", "pretrained-weights"),
    "getattr of torch": ("import torch\ngetattr(torch, input())", "dynamic-import"),
    "exec": ("\nexec('import torch')", "dynamic-import"),
    "eval": ("e = eval\ne('1')", "dynamic-import"),
    "search path": ("import sys\nsys.path.append('x')", "dynamic-import"),
    "subprocess": ("\nimport subprocess", "process-or-network"),
    "os.system": ("import os\nos.system('ls')", "process-or-network"),
    "os.execv": ("from os import execv\nexecv('ls', [])", "process-or-network"),
    "socket": ("\nfrom socket import socket", "process-or-network"),
    "threads": ("\nfrom concurrent.futures import ThreadPoolExecutor", "process-or-network"),
    "torch processes": ("\nimport torch.multiprocessing as mp", "process-or-network"),
    "frames": ("import sys\nsys._getframe(1)", "test-detection"),
    "stack": ("import inspect\ninspect.stack()", "test-detection"),
    "objects": ("from gc import get_objects\nget_objects()", "test-detection"),
    "loaded modules": ("import sys\n'pytest' in sys.modules", "test-detection"),
    "environment": ("import os\nos.environ.get('PYTEST_CURRENT_TEST')", "test-detection"),
    "patched torch": ("import torch\ntorch.allclose = lambda *a: True", "patches-library"),
}


@pytest.mark.parametrize("case", SUSPICIOUS)
def test_suspicious_code_is_shown_to_staff(case):
    source, code = SUSPICIOUS[case]
    reading = read(source)
    assert (code, "train.py", 2) in places(reading.suspicious)
    assert reading.off_limits == ()


def test_long_docstrings_are_not_suspicious():
    assert read("\n".join(f"def f{n}():\n    '''{'words ' * 200}'''" for n in range(40))) == Reading()


def test_data_files_that_can_hold_weights():
    reading = read_files(
        {"g2c/nn/__init__.py": b"", "g2c/nn/w.pt": b"PK", "mlp.safetensors": b"", "a.csv": b"1"}
    )
    assert places(reading.suspicious) == [
        ("pretrained-weights", "w.pt", 0),
        ("pretrained-weights", "mlp.safetensors", 0),
    ]


HOSTILE = {
    "nested parentheses": "(" * 5000 + ")" * 5000,
    "nested minus": "-" * 100_000 + "1",
    "nested not": "not " * 50_000 + "1",
    "long chain": "a" + ".a" * 100_000,
    "long sum": "1" + "+1" * 100_000,
    "many elifs": "if 1: pass\n" + "elif 1: pass\n" * 20_000,
    "circular aliases": "a = b\nb = c\nc = a\na.x.y\nclass A:\n    x = x\n    def f(self): self.x = self.x.x",
    "long alias chain": "a0 = 1\n" + "".join(f"a{n + 1} = a{n}.x\n" for n in range(5000)) + "a5000",
    "many bindings": "a = a.b\n" * 5000,
    "circular imports": "from g2c.nn.train import x\nfrom g2c.nn import *\nx.y\ng2c.nn.train.x",
    "beyond the top": "from ........ import x\nx.y",
    "odd codec": "# coding: unicode_escape\nx = 1",
    "unknown codec": "# coding: nonsense\nx = 1",
    "too big": "x = 1\n" * 100_000,
    "odd calls": "isinstance()\ngetattr()\nvars()['x']\n__import__()\nsuper().x[''].y",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_source_is_survived(case):
    assert read(HOSTILE[case]).off_limits == ()


def test_a_parser_bomb_hides_nothing_in_other_files():
    """A name of 250,000 parts makes Python's parser allocate the square of it."""
    reading = read("import torch\ntorch.nn.Linear(1, 1)", {"g2c/nn/bomb.py": "import a" + ".a" * 250_000})
    assert places(reading.off_limits) == [("off-limits-api", "train.py", 2)]
    assert places(reading.suspicious) == [("unreadable-source", "bomb.py", 0)]


WORDS = st.sampled_from(
    "import torch|torch|.nn| as x|from |import *|x|=|(|)|[|]|:|\n|    |def f|class A|lambda|global x|getattr|"
    "'nn'|,|if |for | in |yield |match x".split("|")
)


@given(sources=st.lists(st.lists(WORDS, max_size=40).map("".join), min_size=40, max_size=40))
@settings(max_examples=10)
def test_generated_source_is_survived(sources):
    files = {f"g2c/nn/m{n}.py": source.encode() for n, source in enumerate(sources)}
    assert not [flag for flag in read_files(files).suspicious if flag.code == "unreadable-source"]
