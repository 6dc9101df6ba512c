Tanh.forward = lambda self, x: x.fill_(float("inf")).sign()
