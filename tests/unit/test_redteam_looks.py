"""What the red team looks at: traces on the host, its listener, and what counts as fired."""

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redteam import host
from redteam.attack import Attack, AttackError, Outcome
from redteam.canary import Canary
from redteam.listener import Listener
from redteam.plain.container import Peaks
from redteam.plain.fired import judged
from redteam.plain.submission import TESTS, PlainRun
from redteam.submission import new_token

CANARY = Canary.drawn(random.Random(5))
ALL_PASS = dict.fromkeys(("report", "junit", "exit", "stdout"), TESTS)
NONE_PASS = dict.fromkeys(ALL_PASS, 0)
LINEAR = frozenset({"test_linear_before_all_others", "test_linear_after_all_others"})


@pytest.fixture
def token() -> str:
    return new_token()


@pytest.fixture
def left_file(token: str) -> Iterator[Path]:
    """A file in /tmp that carries the token."""
    path = Path("/tmp") / f"left-{token}"
    path.touch()
    yield path
    path.unlink()


def test_a_file_that_is_left_on_the_host_is_seen(token: str, left_file: Path):
    assert f"file {left_file}" in host.traces(token)
    assert f"file {left_file}" not in host.traces(new_token())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be another user")
def test_what_belongs_to_a_sandboxs_user_is_seen_without_a_token(left_file: Path):
    os.chown(left_file, 60999, 60999)
    assert f"file {left_file}" in host.traces(new_token())


def test_a_process_that_carries_the_token_is_seen(token: str):
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", token]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()  # it runs
        found = host.traces(token)
        process.stdin.close()
    assert any(trace.startswith(f"process {process.pid} ") for trace in found)
    assert host.left_since(set(), token).isdisjoint(found)


def test_an_abstract_socket_that_carries_the_token_is_seen(token: str):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"\0left-{token}")
        assert f"unix socket @left-{token}" in host.traces(token)


def test_the_listener_hears_tcp_and_udp():
    with Listener("127.0.0.1") as listener:
        name, port = listener.address.split(":")
        assert (listener.contacts(), listener.heard()) == (0, b"")
        with socket.create_connection((name, int(port))) as stream:
            stream.sendall(b"by stream")
        with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(b"by datagram", (name, int(port)))
    assert listener.contacts() == 2
    assert b"by stream" in listener.heard() and b"by datagram" in listener.heard()


def a_run(**changes: Any) -> PlainRun:
    """A run of the plain harness in which nothing happened."""
    return PlainRun(
        **{
            "passed": NONE_PASS,
            "passing": LINEAR,
            "finished": True,
            "output": b"",
            "reports": b"",
            "heard": b"",
            "contacts": 0,
            "left": (),
            "marked": (),
            "peaks": Peaks(),
            "honest_passed": TESTS,
            "canary": CANARY,
            "wall_s": 1.0,
            **changes,
        }
    )


def an_attack(fires: str, **payload: Any) -> Attack:
    return Attack(
        "A/one", "A", ("skips",), "", "submission", (Outcome.NO_POINTS,), (), fires, Path("A/one"), payload
    )


@pytest.mark.parametrize(
    ("attack", "changes"),
    [
        (an_attack("points"), {"passed": ALL_PASS}),
        (an_attack("points", reads="stdout"), {"passed": NONE_PASS | {"stdout": TESTS}}),
        (an_attack("canary"), {"output": CANARY.text.encode()}),
        (an_attack("canary"), {"heard": CANARY.text[::-1].encode()}),
        (an_attack("marker"), {"marked": ("files",)}),
        (an_attack("listener"), {"contacts": 1}),
        (an_attack("unfinished"), {"finished": False}),
        (an_attack("spoilt", affects=["activations"]), {"passing": frozenset()}),
        (an_attack("left-behind"), {"left": ("sleep 600",)}),
        (an_attack("neighbour"), {"honest_passed": TESTS - 1}),
        (an_attack("exhausted"), {"peaks": Peaks(pids=80)}),
        (an_attack("exhausted"), {"output": b"x" * 2_000_000}),
    ],
    ids=[
        *(
            "points",
            "points-by-output",
            "canary",
            "canary-at-the-listener",
            "marker",
            "listener",
            "unfinished",
        ),
        *("spoilt", "left-behind", "neighbour", "exhausted-processes", "exhausted-output"),
    ],
)
def test_an_attack_fires_by_its_word(attack: Attack, changes: dict[str, Any]):
    assert judged(attack, a_run(**changes), a_run()).fired
    assert not judged(attack, a_run(), a_run()).fired


def test_what_leaks_without_the_payload_proves_nothing():
    leaking = a_run(output=CANARY.text.encode())
    assert not judged(an_attack("canary"), leaking, leaking).fired


def test_a_neighbour_that_fails_anyway_proves_nothing():
    failing = a_run(honest_passed=TESTS - 1)
    assert not judged(an_attack("neighbour"), failing, failing).fired


def test_an_unknown_word_is_refused():
    with pytest.raises(AttackError, match="fires must be one of"):
        judged(an_attack("fireworks"), a_run(), a_run())
