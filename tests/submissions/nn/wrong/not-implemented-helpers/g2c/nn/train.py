"""Training routines for module 03."""


def train_linear_regression(x, y, *, steps: int = 500, lr: float = 0.1):
    raise NotImplementedError


def build_2d_classifier(*, hidden: int = 16):
    raise NotImplementedError


def accuracy_from_logits(logits, targets) -> float:
    raise NotImplementedError


def train_classifier(model, x, y, *, steps: int = 1000, lr: float = 0.1, weight_decay: float = 0.0):
    raise NotImplementedError


def build_mnist_mlp(*, hidden: int = 128, use_relu: bool = True):
    raise NotImplementedError


def train_one_epoch(model, loader, optimizer, loss_fn) -> float:
    raise NotImplementedError


def evaluate_accuracy(model, loader) -> float:
    raise NotImplementedError
