import unittest
import torch.optim

class More(unittest.TestCase):
    def test_it(self):
        self.assertTrue(torch.optim.SGD)
