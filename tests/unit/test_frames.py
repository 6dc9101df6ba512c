"""Frames over a unix socket: whole, in order, within the limit, in time."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.remote.wire.frames import HEADER, ConnectionEnded, FrameStream, ProtocolError


@pytest.fixture
def pair() -> Iterator[tuple[FrameStream, FrameStream]]:
    near, far = socket.socketpair()
    streams = FrameStream(near, 1000), FrameStream(far, 1000)
    yield streams
    for stream in streams:
        stream.close()


@given(st.lists(st.binary(max_size=50), max_size=10), st.integers(1, 20))
def test_frames_arrive_whole_however_they_are_cut(frames, chunk):
    data = b"".join(HEADER.pack(len(frame)) + frame for frame in frames)
    near, far = socket.socketpair()
    with near, far:
        receiving = FrameStream(far)
        got = []
        for start in range(0, len(data), chunk):
            near.sendall(data[start : start + chunk])
            receiving.fill()
            while (frame := receiving.take()) is not None:
                got.append(frame)
        assert got == frames


def test_a_frame_there_and_back(pair):
    near, far = pair
    near.send(b"there")
    far.send(far.receive() + b" and back")
    assert near.receive() == b"there and back"


def test_long_frames_cross():
    near, far = socket.socketpair()
    payload = os.urandom(4 * 1024**2)
    with near, far:
        sender = threading.Thread(target=FrameStream(near).send, args=(payload,))
        sender.start()
        assert FrameStream(far).receive() == payload
        sender.join()


def test_a_frame_over_the_limit_is_refused_by_its_header_alone(pair):
    near, far = pair
    near.sock.sendall(HEADER.pack(1001))
    with pytest.raises(ProtocolError, match="1001 bytes is over the limit of 1000"):
        far.receive()


def test_the_end_of_the_stream(pair):
    near, far = pair
    near.sock.sendall(HEADER.pack(10) + b"half")
    near.close()
    with pytest.raises(ConnectionEnded):
        far.receive()
    with pytest.raises(ConnectionEnded):
        far.send(b"x")
        far.send(b"x")


def test_the_time_is_for_the_whole_frame(pair):
    near, far = pair
    near.sock.sendall(HEADER.pack(10) + b"half")
    with pytest.raises(TimeoutError):
        far.receive(timeout_s=0.05)


def test_descriptors_travel_with_their_frame(pair):
    near, far = pair
    reading, writing = os.pipe()
    near.send(b"with", (writing,))
    os.close(writing)
    frame, (received,) = far.receive_with_descriptors()
    assert frame == b"with"
    os.write(received, b"through")
    assert os.read(reading, 10) == b"through"
    os.close(received)
    os.close(reading)
