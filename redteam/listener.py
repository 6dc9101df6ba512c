"""A listener on the host, to hear whether an attack gets a word out over the network."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import types


class Listener:
    """Listens on one TCP and one UDP port of the same number; keeps what it hears, up to a cap.

    Arguments: `host`, an address of this machine that containers on a bridge can reach.
    """

    MAX_BYTES = 1 << 20

    def __init__(self, host: str):
        self._tcp, self._udp = _bound_pair(host)
        self.address = f"{host}:{self._tcp.getsockname()[1]}"
        self._heard = bytearray()
        self._connections = 0
        self._stop_in, self._stop_out = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="redteam-listener", daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: types.TracebackType | object) -> None:
        self._stop_in.send(b"x")
        self._thread.join()

    def heard(self) -> bytes:
        """What came so far."""
        return bytes(self._heard)

    def contacts(self) -> int:
        """How often anybody connected or sent something."""
        return self._connections

    def _listen(self) -> None:
        with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
            for sock in (self._tcp, self._udp, self._stop_in, self._stop_out):
                stack.enter_context(sock)
            for sock in (self._tcp, self._udp, self._stop_out):
                selector.register(sock, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if ready == [self._stop_out] or len(self._heard) >= self.MAX_BYTES:
                    return  # all that had come before is read
                for sock in ready:
                    assert isinstance(sock, socket.socket)
                    if sock is self._stop_out:
                        continue
                    if sock is self._tcp:
                        connection, _ = self._tcp.accept()
                        selector.register(stack.enter_context(connection), selectors.EVENT_READ)
                        self._connections += 1
                        continue
                    try:
                        data = sock.recv(65536)
                    except OSError:
                        data = b""
                    self._connections += sock is self._udp
                    self._heard += data[: max(0, self.MAX_BYTES - len(self._heard))]
                    if not data and sock is not self._udp:
                        selector.unregister(sock)
                        sock.close()


def _bound_pair(host: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(20):
        tcp, udp = (socket.socket(type=kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
        try:
            tcp.bind((host, 0))
            tcp.listen()
            udp.bind(tcp.getsockname())
            return tcp, udp
        except OSError:
            tcp.close()
            udp.close()
    raise OSError(f"no port of {host} is free for TCP and UDP alike")
