"""The contents of dense CPU tensors: as bytes and back, compared, and written in place."""

from __future__ import annotations

from typing import Any

import torch

from grader.remote.wire.codec import DTYPE_NAMES, DTYPES
from grader.remote.wire.frames import ProtocolError

MAX_DIMENSIONS = 32


def tensor_to_bytes(tensor: torch.Tensor) -> list[Any]:
    """Return [dtype, shape, contents] of a dense CPU tensor."""
    flat = tensor.detach().reshape(-1)
    if flat.stride(0) != 1:  # an expanded tensor of one element counts as contiguous, but is no row of bytes
        flat = flat.clone(memory_format=torch.contiguous_format)
    return [DTYPE_NAMES[tensor.dtype], list(tensor.shape), flat.view(torch.uint8).numpy().tobytes()]


def tensor_from_bytes(content: list[Any]) -> torch.Tensor:
    """Return a new tensor from [dtype, shape, contents]; ProtocolError unless the sizes agree."""
    name, shape, data = content
    dtype = DTYPES.get(name)
    if dtype is None or type(data) is not bytes or len(shape) > MAX_DIMENSIONS:
        raise ProtocolError("a tensor has an unknown dtype or too many dimensions")
    elements = 1
    for size in shape:
        if type(size) is not int or size < 0:
            raise ProtocolError("a tensor has a malformed shape")
        elements *= size
    if elements * dtype.itemsize != len(data):
        raise ProtocolError("a tensor's contents do not fit its shape")
    if not elements:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def same_content(tensor: torch.Tensor, snapshot: torch.Tensor) -> bool:
    """Whether dtype, shape and values agree; NaN agrees with nothing."""
    return tensor.dtype == snapshot.dtype and torch.equal(tensor, snapshot)


def write_content(tensor: torch.Tensor, content: torch.Tensor) -> None:
    """Change the tensor in place, so that autograd notices it as it would notice a local write."""
    if tensor.shape == content.shape and tensor.dtype == content.dtype:
        with torch.no_grad():
            tensor.detach().copy_(content)
    else:
        tensor.data = content
