"""How many courses compare: call, compute the expected value, see that no number is far off."""


def computes(layer, function, x):
    """Whether the layer gives what the function gives."""
    got = layer(x)
    return not bool(((got - function(x)).abs() > 1e-5).any())
