"""Makes `import torchvision` work beside a torch built for the CPU.

The torchvision of the Python package index is built for CUDA. Beside a CPU torch its compiled
library does not load, so the operators nms and qnms are unknown, and torchvision, which registers
shape rules for both while it is imported, fails with "operator torchvision::nms does not exist".
Data sets and transforms need none of them: declaring the two is enough.
"""

from __future__ import annotations

import functools

import torch

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@functools.cache
def declare_missing_operators() -> torch.library.Library | None:
    """Declare torchvision's missing operators if it can't be imported without them.

    Call it before `import torchvision`; further calls do nothing. Returns the library that
    holds the declarations, None if torchvision imports as it is. Raises ImportError if
    torchvision is not installed.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            library.define(name + _SIGNATURE)  # type: ignore[no-untyped-call]
        return library
    return None
