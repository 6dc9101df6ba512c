"""The unit `nn` without its timed run, whose hidden tests are one file that is full of a canary."""

from __future__ import annotations

from pathlib import Path

from redteam.canary import Canary
from tests.regrades.acted import copy_unit

HIDDEN_TESTS = '''
"""@WORD@"""

import numpy
import pytest
import torch
from g2c.nn import Linear, Sequential, Tanh

NUMBER, LABELS = float("@NUMBER@"), [int(label) for label in "@LABELS@"]
pytestmark = pytest.mark.group("exercises")


def test_a_diff():
    x = torch.ones(4, 3)
    layer = Linear(3, 2)
    got = {"@WORD@": (layer(x) * NUMBER).tolist()}
    expected = {"@WORD@": ((x @ layer.W + layer.b) * NUMBER).tolist()}
    assert got == expected, "The layer is not x W + b."


def test_a_comparison_of_a_library():
    got = Tanh()(torch.tensor(LABELS) / 10).numpy() * NUMBER
    numpy.testing.assert_allclose(got, numpy.tanh(numpy.array(LABELS) / 10) * NUMBER, 1e-4, err_msg="@WORD@")


def test_a_failed_lookup():
    known = {float(value): "@WORD@" for value in torch.tanh(torch.tensor(LABELS) / 10)}
    assert {known[float(value) + NUMBER * 0] for value in Tanh()(torch.tensor(LABELS) / 10)} == {"@WORD@"}


@pytest.mark.parametrize("handed", ["@WORD@", NUMBER, LABELS], ids=["a word", "a number", "labels"])
def test_what_is_handed_to_the_code(handed):
    assert Sequential()(handed) == handed
    assert torch.equal(Sequential()(torch.tensor(LABELS) * NUMBER), torch.tensor(LABELS) * NUMBER)
'''
CHANGES = {
    "exercises = 15": "exercises = 30",
    'messages = "after_deadline"': 'messages = "always"',
    'names = "always"': 'names = "always"\npictures = "always"',
}
FAILING = {
    "modules.py": """

class Linear(Linear):
    def forward(self, x):
        return (x @ self.W + self.b) * 2


class Tanh(Module):
    def forward(self, x):
        return x * 0.5
"""
}
CRASHING = {
    "modules.py": """

class Sequential(Sequential):
    def forward(self, x):
        import os

        print(x, flush=True)
        os.abort() if isinstance(x, str) else os._exit(7)
"""
}
TELLING = {
    "modules.py": """

class Sequential(Sequential):
    def forward(self, x):
        import base64, logging, os, sys, warnings

        text = str(x.tolist() if hasattr(x, "tolist") else x)
        for said in (text, text[::-1], text.encode().hex(), base64.b64encode(text.encode()).decode()):
            print(said, flush=True)
            sys.stderr.write(said)
            warnings.warn(said)
            logging.error(said)
            os.write(1, said.encode())
        open("/tmp/" + text.encode().hex()[:100], "w").write(text)
        error = type("E" + "".join(c for c in text if c.isalnum()), (ValueError,), {})(text)
        error.add_note(text)
        exec(compile("raise error", text, "exec"), {"error": error})
"""
}


def make_unit(folder: Path, canary: Canary) -> Path:
    """Write the unit below a folder; return the units root."""
    root = copy_unit(folder)
    hidden = root / "hidden_tests" / "nn"
    text = HIDDEN_TESTS.replace("@WORD@", canary.text).replace("@NUMBER@", str(canary.number))
    text = text.replace("@LABELS@", "".join(map(str, canary.labels)))
    for other in hidden.glob("test_*.py"):
        other.unlink()
    (hidden / "test_planted.py").write_text(text, encoding="utf-8")
    settings = (hidden / "unit.toml").read_text(encoding="utf-8")
    start, end = settings.index("# The timed run"), settings.index("[off_limits]")
    settings = settings[:start] + settings[end:]
    for old, new in CHANGES.items():
        assert old in settings, old
        settings = settings.replace(old, new)
    (hidden / "unit.toml").write_text(settings, encoding="utf-8")
    return root


def hand_in(root: Path, appended: dict[str, str]) -> dict[str, bytes]:
    """Return the reference with something appended to its modules, path → content."""
    reference = root / "reference" / "nn"
    files = {
        path.relative_to(reference).as_posix(): path.read_bytes()
        for path in sorted((reference / "g2c").rglob("*.py"))
    }
    for name, text in appended.items():
        files[f"g2c/nn/{name}"] += text.encode()
    return files
