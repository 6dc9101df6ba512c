"""Length-prefixed frames over a unix stream socket, with descriptors attached when needed.

A frame is a 4-byte big-endian length and that many bytes. The length is checked against the
cap before anything is allocated for it.
"""

from __future__ import annotations

import array
import socket
import struct
import time

HEADER = struct.Struct(">I")
MAX_FRAME_BYTES = 256 * 1024**2
_CHUNK_BYTES = 256 * 1024
_MAX_DESCRIPTORS = 4


class ProtocolError(Exception):
    """The peer sent something that is not a frame, or a frame that is not allowed."""


class ConnectionEnded(Exception):
    """The peer closed its end, or died."""


class FrameStream:
    """Frames over one connected socket; honours the socket's own timeout.

    Arguments: `sock`, a connected SOCK_STREAM unix socket, which this object then owns;
    `max_frame_bytes`, the longest frame that is accepted.
    """

    def __init__(self, sock: socket.socket, max_frame_bytes: int = MAX_FRAME_BYTES):
        self.sock = sock
        self._max_frame_bytes = max_frame_bytes
        self._buffer = bytearray()

    def send(self, payload: bytes, descriptors: tuple[int, ...] = ()) -> None:
        """Send one frame; ConnectionEnded if the peer is gone, TimeoutError as the socket says."""
        frame = HEADER.pack(len(payload)) + payload
        try:
            if descriptors:
                sent = socket.send_fds(self.sock, [frame], list(descriptors))
                frame = frame[sent:]
            self.sock.sendall(frame)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ConnectionEnded from error

    def take(self) -> bytes | None:
        """Return the next complete frame that has already arrived, or None."""
        if len(self._buffer) < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._buffer)
        if length > self._max_frame_bytes:
            raise ProtocolError(f"a frame of {length} bytes is over the limit of {self._max_frame_bytes}")
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        frame = bytes(memoryview(self._buffer)[HEADER.size : end])
        del self._buffer[:end]
        return frame

    def fill(self) -> None:
        """Read once from the socket into the buffer; ConnectionEnded at end of stream."""
        try:
            chunk = self.sock.recv(_CHUNK_BYTES)
        except ConnectionResetError as error:
            raise ConnectionEnded from error
        if not chunk:
            raise ConnectionEnded
        self._buffer += chunk

    def receive(self, timeout_s: float | None = None) -> bytes:
        """Return the next frame; TimeoutError unless all of it arrives in time (None: wait for ever)."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        while (frame := self.take()) is None:
            left_s = None if deadline_s is None else deadline_s - time.monotonic()
            if left_s is not None and left_s <= 0:
                raise TimeoutError
            self.sock.settimeout(left_s)
            self.fill()
        return frame

    def receive_with_descriptors(self) -> tuple[bytes, list[int]]:
        """Return the next frame and the descriptors that came with it; the caller closes them."""
        descriptors: list[int] = []
        while (frame := self.take()) is None:
            chunk, ancillary, _, _ = self.sock.recvmsg(
                _CHUNK_BYTES, socket.CMSG_SPACE(_MAX_DESCRIPTORS * array.array("i").itemsize)
            )
            if not chunk:
                raise ConnectionEnded
            for level, kind, data in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    received = array.array("i")
                    received.frombytes(data[: len(data) - len(data) % received.itemsize])
                    descriptors += received
            self._buffer += chunk
        return frame, descriptors

    def close(self) -> None:
        """Close the socket; idempotent."""
        self.sock.close()
