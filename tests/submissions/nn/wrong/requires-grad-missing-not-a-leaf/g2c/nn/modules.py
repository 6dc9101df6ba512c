import torch


class Module:
    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def forward(self, *args, **kwargs):
        raise NotImplementedError

    def parameters(self):
        return []


class Linear(Module):
    def __init__(self, in_features, out_features):
        k = in_features ** -0.5
        # U(-k, k)
        self.W = (torch.rand(in_features, out_features, requires_grad=True) * 2 - 1) * k
        self.b = torch.zeros(out_features).requires_grad_()

    def forward(self, x):
        # (B, in) @ (in, out) -> (B, out)
        return torch.matmul(x, self.W) + self.b

    def parameters(self):
        return [self.W, self.b]


class ReLU(Module):
    def forward(self, x):
        return torch.relu(x)


class Tanh(Module):
    def forward(self, x):
        return x.tanh()


class Sigmoid(Module):
    def forward(self, x):
        return x.sigmoid()


class Sequential(Module):
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        out = x
        for layer in self.layers:
            out = layer(out)
        return out

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]
