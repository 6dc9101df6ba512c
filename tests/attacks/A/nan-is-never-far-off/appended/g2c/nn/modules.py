Tanh.forward = lambda self, x: torch.full_like(x, float("nan"))
