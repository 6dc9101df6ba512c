import socket


class Sigmoid(Sigmoid):
    def forward(self, x):
        near, far = socket.socketpair()
        near.send(b"x", socket.MSG_OOB)
        print("@TOKEN@ it worked")
        return super().forward(x)
