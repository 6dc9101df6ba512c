from g2c.nn.loss import CrossEntropyLoss, MSELoss
from g2c.nn.modules import Linear, Module, ReLU, Sequential, Sigmoid, Tanh
from g2c.nn.optim import SGD

__all__ = ["SGD", "CrossEntropyLoss", "Linear", "MSELoss", "Module", "ReLU", "Sequential", "Sigmoid", "Tanh"]
