"""Sabotage does not pass for the grader's failure, which would be retried and cost no attempt.

Each hand-in here breaks something beside itself: what it says of itself, its zygote, or process 1.
"""

import gc
import resource
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.judging.judge import Bench
from grader.judging.result import Outcome
from grader.judging.spare_memory import SPARE_BYTES
from tests.contract.judging import NN, graded, job_for, with_time_enough

FORGED_FRAMES = """
import os, struct
import msgpack

def sockets():
    paths = {name: f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd") if int(name) > 2}
    return [int(name) for name, path in paths.items()
            if os.path.exists(path) and os.readlink(path).startswith("socket")]

def send(*frames):
    for descriptor in sockets():
        for frame in frames:
            os.write(descriptor, struct.pack(">I", len(frame)) + frame)

NAMES = ("Linear", "Module", "ReLU", "Sequential", "Tanh", "Sigmoid")

def describe(value, classes):
    send(msgpack.packb({"names": {"g2c.nn": dict.fromkeys(NAMES, ["value", value])}, "classes": classes}))
"""
SPOILED_IMPORTS = {
    "a class with a name that is none": 'class Odd:\n    pass\nOdd.__qualname__ = "a\\0b"\n',
    "a value that can't be decoded": FORGED_FRAMES + r'describe(b"\xc1", [])',
    "a number in place of all classes": FORGED_FRAMES + r'describe(b"\x07", 5)',
    "a description that can't be read": FORGED_FRAMES + r'send(b"\x81\x90\xc0")',
}
PROCESS_1_KILLED = """
import os, sys, threading, time

FILL = '''
import os
with open("/proc/self/oom_score_adj", "w") as score:
    score.write("0")
memory = os.memfd_create("x")
while True:
    os.write(memory, bytes(1024 * 1024))
'''

def fill_memory_once_swept():
    open("/dev/shm/swept", "w").close()
    while os.path.exists("/dev/shm/swept"):
        time.sleep(0.0002)
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-E", "-c", FILL])

threading.Thread(target=fill_memory_once_swept, daemon=True).start()
"""
DIES_BETWEEN_SESSIONS = """
import os, socket, sys, threading, time

def hang_up():
    main = threading.main_thread().ident
    while True:
        frame = sys._current_frames().get(main)
        if frame is not None and frame.f_code.co_name == "receive_with_descriptors":
            time.sleep(0.02)
            frame.f_locals["self"].sock.shutdown(socket.SHUT_RDWR)
        time.sleep(0.0005)

threading.Thread(target=hang_up, daemon=True).start()
"""
UNREADABLE_EXIT_CODE = (
    FORGED_FRAMES
    + r"""
kept = [os.dup(descriptor) for descriptor in sockets()]

def exit_with_forged_code(self, x):
    frame = b"\x81\x90\xc0"
    for descriptor in kept:
        os.write(descriptor, struct.pack(">I", len(frame)) + frame)
    os._exit(0)

ReLU.forward = exit_with_forged_code
"""
)

FILLS_THE_MEMORY = """
import sys

# Far more than the limit leaves: a process that has run for long has freed memory that no limit counts.
SIZES = 10 * [10_000_000] + 20 * [1_000_000] + 5000 * [256_000]

def fill(self, x):
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("self"), "outgoing_extras"):
        frame = frame.f_back
    session = frame.f_locals["self"]
    for number, size in enumerate(SIZES, 5000):
        session._classes.undescribed.append([number, "m", "x" * size, [], []])
        try:
            session.request(99)
        except ValueError:
            pass
    return x

ReLU.forward = fill
"""


@pytest.fixture
def bounded_memory() -> Iterator[None]:
    """A limit of memory as an examiner has it, a little above what this process uses."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    used_kib = next(line for line in status if line.startswith("VmData")).split()[1]
    limit = int(used_kib) * 1024 + SPARE_BYTES + 150 * 1024**2
    resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)
    gc.collect()  # classes are circles


def graded_with(bench: Bench, payload: str, module: str = "modules"):
    """The result for the reference with a payload at the end of one of its modules."""
    source = (NN.reference / "g2c" / "nn" / f"{module}.py").read_text(encoding="utf-8")
    return graded(job_for(NN.reference, **{module: source + textwrap.dedent(payload)}), bench)


@pytest.mark.parametrize("payload", SPOILED_IMPORTS.values(), ids=SPOILED_IMPORTS.keys())
def test_a_description_that_makes_no_sense_is_a_package_that_cannot_be_imported(bench: Bench, payload: str):
    result = graded_with(bench, payload)
    assert {test.outcome for test in result.tests} == {Outcome.CRASHED}
    assert all("can't be imported" in test.message for test in result.tests)


def test_a_name_of_another_kind_fails_every_test_and_not_the_unit(bench: Bench):
    # The unit's own file subclasses Module: with a number in its place it can't even be collected.
    with bench.unit.public_tests_path.open("a", encoding="utf-8") as file:
        file.write("\nfrom g2c.nn import Module\nclass Double(Module):\n    pass\n")
    try:
        result = graded_with(bench, FORGED_FRAMES + r'describe(b"\x07", [])')
    finally:
        text = bench.unit.public_tests_path.read_text(encoding="utf-8")
        bench.unit.public_tests_path.write_text(text[: text.index("\nfrom g2c.nn import Module\nclass")])
    assert {test.outcome for test in result.tests} == {Outcome.FAILED}
    assert all("something else than in the template" in test.message for test in result.tests)


def test_killing_process_1_by_the_kernels_hand_is_no_failure_of_the_sandbox(bench: Bench):
    result = graded_with(bench, PROCESS_1_KILLED)
    assert len(result.tests) == 6


def test_a_zygote_that_hangs_up_costs_its_own_tests(bench: Bench):
    result = graded_with(bench, DIES_BETWEEN_SESSIONS)
    assert {test.outcome for test in result.tests} <= {Outcome.PASSED, Outcome.CRASHED}
    next_job = job_for(NN.template)
    graded(next_job, bench)
    there = Path(f"/proc/{bench.student.sandbox.pid}/root/submission")
    found = {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}
    assert found <= next_job.files.keys(), "files of the hand-in whose zygote died"


def test_an_exit_code_that_cannot_be_read_costs_its_own_test(bench: Bench):
    result = graded_with(bench, UNREADABLE_EXIT_CODE)
    spoiled = [test.id for test in result.tests if test.outcome != Outcome.PASSED]
    assert len(spoiled) == 1 and spoiled[0].endswith("test_relu")


@pytest.mark.usefixtures("bounded_memory")
def test_filling_the_memory_of_the_tests_to_the_brim_costs_its_own_test(bench: Bench):
    result = graded_with(with_time_enough(bench), FILLS_THE_MEMORY)
    (relu,) = (test for test in result.tests if test.id.endswith("test_relu"))
    assert relu.outcome == Outcome.OUT_OF_MEMORY


def test_pinning_a_sandbox_that_was_broken_replaces_it(bench: Bench):
    graded(job_for(NN.reference), bench)
    bench.student.sandbox.close()
    bench.student.pin(None)
    assert bench.student.sandbox.alive()
    assert {test.outcome for test in graded(job_for(NN.reference), bench).tests} == {Outcome.PASSED}
