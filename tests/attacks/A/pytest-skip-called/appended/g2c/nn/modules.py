def _skip(self, x):
    import pytest

    pytest.skip("not on this platform")


Tanh.forward = Sigmoid.forward = _skip
