from g2c.nn.modules import CrossEntropyLoss, MSELoss  # noqa: F401
