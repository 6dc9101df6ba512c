def _zero(self, x):
    x.data.zero_()
    return torch.zeros(x.shape)


Tanh.forward = _zero
