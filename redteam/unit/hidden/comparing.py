"""How the hidden tests compare: with a value that was computed before the call, by `checks.close`."""

from checks import close, same


def computes(layer, function, x):
    """Whether the layer gives what the function gives, and leaves its input as it is."""
    expected, given = function(x), x.clone()
    return close(layer(given), expected) and same(given, x)
