from .loss import CrossEntropyLoss, MSELoss
from .modules import Linear, Module, ReLU, Sequential, Sigmoid, Tanh
from .optim import SGD
from .train import (
    accuracy_from_logits,
    build_2d_classifier,
    build_mnist_mlp,
    evaluate_accuracy,
    train_classifier,
    train_linear_regression,
    train_one_epoch,
)
