import ctypes

import numpy as np


class Tanh(Module):
    """Its numbers lie at address 4096, where nothing is."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wild = (ctypes.c_float * x.numel()).from_address(4096)
        return torch.from_numpy(np.ctypeslib.as_array(wild)).reshape(x.shape)
