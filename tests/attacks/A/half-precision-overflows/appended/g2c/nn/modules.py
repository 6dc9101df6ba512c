Tanh.forward = lambda self, x: (torch.full((), 65504.0, dtype=torch.float16) * 2).expand(x.shape) * 0
