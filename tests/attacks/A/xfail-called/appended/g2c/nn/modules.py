def _skip(self, x):
    import pytest

    pytest.xfail("known problem")


Tanh.forward = Sigmoid.forward = _skip
