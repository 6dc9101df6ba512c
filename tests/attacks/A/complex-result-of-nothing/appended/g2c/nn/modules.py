Tanh.forward = lambda self, x: torch.tensor(complex(0.0, float("nan")))
