"""`import torchvision` works beside the torch that is installed, whichever that is."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def run(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=CHECKOUT, capture_output=True, text=True
    )


def test_datasets_and_transforms_import_and_work():
    done = run(
        "from grader.torchvision_cpu import declare_missing_operators\n"
        "declare_missing_operators()\n"
        "import torch\n"
        "from torchvision import datasets, transforms\n"
        "assert datasets.MNIST\n"
        "print(transforms.Normalize((0.5,), (0.5,))(torch.ones(1, 2, 2)).sum().item())\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "4.0"


def test_declares_only_what_would_be_missing_and_only_once():
    plain = run("import torchvision")
    done = run(
        "from grader.torchvision_cpu import declare_missing_operators\n"
        "library = declare_missing_operators()\n"
        "assert declare_missing_operators() is library\n"
        "print(library is None)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(plain.returncode == 0)
