"""How the `nn` unit trains on MNIST: the same calls for the student's package and for the reference.

`package` has every name of `g2c.nn` and its modules; what it gives works in a sandbox, while
loader and images are the judge's.
"""

HIDDEN = 128
LR = 0.1


def build(package):
    """Return a fresh network."""
    return package.build_mnist_mlp(hidden=HIDDEN)


def optimizer(package, model):
    """Return the optimizer of the network's parameters."""
    return package.SGD(model.parameters(), lr=LR)


def train_epoch(package, model, loader, optimizer):
    """Train once on every batch; return the mean loss as the package computes it."""
    return package.train_one_epoch(model, loader, optimizer, package.CrossEntropyLoss())


def predict(package, model, images):
    """Return the logits (N, 10) of flat images (N, 784)."""
    return model(images)


def linear_model(package):
    """Return a fresh network without a nonlinearity, which can't reach the threshold."""
    return package.build_mnist_mlp(hidden=HIDDEN, use_relu=False)
