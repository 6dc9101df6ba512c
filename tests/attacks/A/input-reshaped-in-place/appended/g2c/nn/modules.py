def _empty(self, x):
    x.data = x.data[:0]
    return x


Tanh.forward = _empty
