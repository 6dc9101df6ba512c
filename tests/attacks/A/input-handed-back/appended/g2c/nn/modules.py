Tanh.forward = lambda self, x: x.mul_(1e-9)
