class Tanh(Module):
    """4 TB for whoever copies it; the honest shape is asked for by attribute and found right."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros(1, 1).expand(10**6, 10**6)


class Sigmoid(Module):
    """So large that the sum of its bytes overflows, and next to it one that still fits a signed number."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.set_printoptions(threshold=10**7, edgeitems=10**7)  # for who prints it
        return torch.zeros(1, 1).expand(4 * 10**6, 8)
