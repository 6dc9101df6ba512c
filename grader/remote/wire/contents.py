"""The contents of dense CPU tensors: as bytes and back, compared, and written in place."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import equal  # bound before student code runs, which may replace what torch.equal means

from grader.remote.wire.codec import DTYPE_NAMES, DTYPES
from grader.remote.wire.frames import ProtocolError

MAX_DIMENSIONS = 32


def tensor_to_bytes(tensor: torch.Tensor) -> list[Any]:
    """Return [dtype, shape, contents] of a dense CPU tensor."""
    flat = tensor.detach().reshape(-1)
    if flat.stride(0) != 1:  # an expanded tensor of one element counts as contiguous, but is no row of bytes
        flat = flat.clone(memory_format=torch.contiguous_format)
    return [DTYPE_NAMES[tensor.dtype], list(tensor.shape), flat.view(torch.uint8).numpy().tobytes()]


def tensor_from_bytes(content: object) -> torch.Tensor:
    """Return a new tensor from [dtype, shape, contents]; ProtocolError unless the sizes agree."""
    match content:
        case [str(name), [*shape], bytes(data)] if name in DTYPES and len(shape) <= MAX_DIMENSIONS:
            dtype = DTYPES[name]
        case _:
            raise ProtocolError("a tensor is malformed, of an unknown dtype or of too many dimensions")
    sizes = [size for size in shape if type(size) is int and size >= 0]
    if len(sizes) != len(shape) or math.prod(sizes) * dtype.itemsize != len(data):
        raise ProtocolError("a tensor's contents do not fit its shape")
    if not data:
        return torch.empty(sizes, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(sizes)


def same_content(tensor: torch.Tensor, snapshot: torch.Tensor) -> bool:
    """Whether dtype, shape and values agree; NaN agrees with nothing."""
    return tensor.dtype == snapshot.dtype and equal(tensor, snapshot)


def write_content(tensor: torch.Tensor, content: torch.Tensor) -> None:
    """Change the tensor in place, so that autograd notices it as it would notice a local write."""
    if tensor.shape == content.shape and tensor.dtype == content.dtype:
        with torch.no_grad():
            tensor.detach().copy_(content)
    else:
        tensor.data = content
