class Linear(Module):
    """W is sparse: its three rows begin at 2^40, where nothing is."""

    def __init__(self, in_features: int, out_features: int):
        begins = torch.tensor([0] + [2**40 + n for n in range(in_features)])
        none, size = torch.tensor([0]), (in_features, out_features)
        self.W = torch.sparse_csr_tensor(begins, none, torch.ones(1), size=size, check_invariants=False)
        self.b = torch.zeros(out_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros(x.shape[0], self.b.numel())
