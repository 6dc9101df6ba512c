from g2c.nn.modules import SGD  # noqa: F401
