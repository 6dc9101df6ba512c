class Tanh(Module):
    """The storage is resized to nothing behind the tensor's back."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result = torch.zeros(x.shape)
        result.untyped_storage().resize_(0)
        return result
