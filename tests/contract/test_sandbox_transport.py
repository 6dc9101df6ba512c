"""The control socket: connected when `launch` returns, and able to pass further sockets."""

import array
import socket

import pytest

from grader.errors import SandboxError
from grader.sandbox.interface import Backend
from tests.contract.probes import PRELUDE, SMALL, go_on, hear, running


def test_bytes_cross_both_ways(backend: Backend):
    with running(backend, "control.sendall(control.recv(5, socket.MSG_WAITALL)[::-1])") as sandbox:
        sandbox.control.sendall(b"hello")
        assert sandbox.control.recv(5, socket.MSG_WAITALL) == b"olleh"


def test_a_socket_from_inside_can_be_passed_out(backend: Backend):
    inside = """
    import array
    near, far = socket.socketpair()
    socket.send_fds(control, [b"s"], [far.fileno()])
    far.close()
    near.sendall(near.recv(4, socket.MSG_WAITALL).upper())
    """
    with running(backend, inside) as sandbox:
        _, (descriptor,), _, _ = socket.recv_fds(sandbox.control, 1, 1)
        with socket.socket(fileno=descriptor) as session:
            session.sendall(b"ping")
            assert session.recv(4, socket.MSG_WAITALL) == b"PING"


def test_a_socket_can_be_passed_in(backend: Backend):
    inside = """
    _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    session = socket.socket(fileno=descriptors[0])
    if os.fork() == 0:
        session.sendall(b"from a child")
        os._exit(0)
    """
    near, far = socket.socketpair()
    with running(backend, inside) as sandbox, near:
        socket.send_fds(sandbox.control, [b"s"], [far.fileno()])
        far.close()
        assert near.recv(12, socket.MSG_WAITALL) == b"from a child"


def test_many_descriptors_at_once_are_cut_off_not_leaked(backend: Backend):
    """A hostile host may send more than was asked for; the receiver takes what it has room for."""
    inside = """
    ends = [end for _ in range(10) for end in socket.socketpair()]
    socket.send_fds(control, [b"s"], [end.fileno() for end in ends])
    """
    with running(backend, inside) as sandbox:
        room = socket.CMSG_SPACE(array.array("i").itemsize)
        _, ancillary, flags, _ = sandbox.control.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
        assert flags & socket.MSG_CTRUNC
        for _, _, data in ancillary:
            for descriptor in array.array("i", data):
                socket.socket(fileno=descriptor).close()


def test_a_program_that_ends_at_once_is_noticed(backend: Backend):
    try:
        sandbox = backend.launch(SMALL, ["-c", "raise SystemExit('no such day')"])
    except SandboxError as error:
        assert "no such day" in str(error) or "ended" in str(error)
    else:
        assert sandbox.control.recv(1) == b""
        sandbox.close()


def test_the_end_of_the_program_ends_the_connection(backend: Backend):
    with running(backend, "wait(); os._exit(3)") as sandbox:
        go_on(sandbox)
        assert hear(sandbox) is None
        while sandbox.alive():  # the connection ends a moment before the process
            pass
        sandbox.usage()


def test_the_program_learns_of_our_end(backend: Backend):
    code = PRELUDE + "\ncontrol.recv(1)"
    sandbox = backend.launch(SMALL, ["-c", code])
    try:
        sandbox.control.shutdown(socket.SHUT_WR)
        while sandbox.alive():
            pass
    finally:
        sandbox.close()


def test_usage_of_a_closed_sandbox_is_an_error(backend: Backend):
    with running(backend, "") as sandbox:
        pass
    with pytest.raises(SandboxError):
        sandbox.usage()
