"""The first archives: honest hand-ins packed the ways students do, and small ones built to hurt."""

from __future__ import annotations

import tarfile
import zipfile

from redteam.fuzzing.targets import TARGETS
from tests.submissions.archives import hostile, packing

TREE = {
    "g2c/nn/modules.py": b"class Linear:\n    pass\n",
    "g2c/nn/loss.py": b"class MSELoss: pass\n",
    "notebooks/03-nn.ipynb": b'{"cells": []}\n',
}


def seeds() -> dict[str, bytes]:
    """Return the first inputs by name."""
    honest = {
        "zip": packing.as_zip(TREE),
        "zip-stored": packing.as_zip(TREE, zipfile.ZIP_STORED, b"made by hand"),
        "zip-streamed": packing.as_streamed_zip(TREE),
        "zip64": packing.as_streamed_zip(TREE, zip64=True),
        "tar": packing.as_tar(TREE),
        "tar-gnu": packing.as_tar({**TREE, "é" * 60 + ".py": b"x"}, tarfile.GNU_FORMAT),
        "tar-pax": packing.as_tar({**TREE, "é" * 60 + ".py": b"x"}),
        "tar-gz": packing.as_tar_gz(TREE),
        "tar-gz-ustar": packing.as_tar_gz(TREE, tarfile.USTAR_FORMAT),
    }
    built = {name.replace(" ", "-").replace("/", "-"): make() for name, (_, make) in hostile.CASES.items()}
    largest = TARGETS["archives"].max_input_bytes
    return honest | {name: data for name, data in built.items() if len(data) <= largest}
