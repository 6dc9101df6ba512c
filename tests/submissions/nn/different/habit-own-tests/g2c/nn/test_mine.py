import torch.nn
from g2c.nn import Linear

def test_like_torch():
    assert Linear(2, 3).W.shape == torch.nn.Linear(2, 3).weight.T.shape
