"""What setup.sh leaves to Python: it runs this to build the sandbox's root and to fetch the data.

Whether the sandbox can run is not asked here: an image is built elsewhere than hand-ins are graded.
"""

from __future__ import annotations

from grader.datasets import fetch_mnist
from grader.sandbox.bubblewrap_root import Root
from grader.settings import load_settings


def main() -> None:
    """Build the sandbox's root and fetch MNIST, unless they are there."""
    Root(load_settings().data_dir.absolute()).build(print)
    fetch_mnist(print)


if __name__ == "__main__":
    main()
