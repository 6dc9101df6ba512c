"""What a sandbox may use, what happens at each limit, and that the kernel's figures are told."""

import errno
import os
import time

import pytest

from grader.errors import SandboxError
from grader.sandbox import contents
from grader.sandbox.interface import Backend
from tests.contract.probes import SMALL, ask, go_on, hear, running


def test_memory_beyond_the_limit_kills_the_greedy_process_only(backend: Backend):
    greedy = """
    def eat():
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        held = bytearray(1024 ** 3)
    tell(in_child(eat))
    """
    with running(backend, greedy) as sandbox:
        assert hear(sandbox) == -9
        usage = sandbox.usage()
        assert usage.oom_kills >= 1
        assert SMALL.memory_bytes * 0.9 < usage.memory_bytes <= SMALL.memory_bytes
        assert sandbox.alive()


def test_files_in_memory_count_as_memory(backend: Backend):
    fill = """
    def fill():
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        descriptor = os.memfd_create("big")
        for _ in range(1024):
            os.write(descriptor, bytes(1024 ** 2))
    tell(in_child(fill))
    """
    with running(backend, fill) as sandbox:
        assert hear(sandbox) == -9
        assert sandbox.usage().oom_kills >= 1


def test_death_of_process_1_by_memory_is_told(backend: Backend):
    with running(backend, "wait(); held = bytearray(1024 ** 3)") as sandbox:
        go_on(sandbox)
        assert hear(sandbox) is None
        sandbox.control.close()
        while sandbox.alive():
            pass
        assert sandbox.usage().oom_kills >= 1


def test_processes_and_threads_are_bounded(backend: Backend):
    bomb = """
    started = 0
    try:
        while started < 1000:
            if os.fork() == 0:
                signal.pause()
            started += 1
    except OSError as error:
        tell([started, errno.errorcode[error.errno]])
    """
    with running(backend, bomb) as sandbox:
        started, reason = hear(sandbox)
        assert reason == "EAGAIN"
        assert SMALL.pids - 3 < started < SMALL.pids
        assert sandbox.usage().pids_refused >= 1


@pytest.mark.parametrize(
    ("folder", "size"),
    [
        ("/tmp", SMALL.tmp_bytes),
        ("/dev/shm", SMALL.tmp_bytes),
        (contents.SUBMISSION, SMALL.submission_bytes),
    ],
)
def test_file_systems_are_sized(backend: Backend, folder: str, size: int):
    written, reason = ask(
        backend,
        f"""
        written = 0
        with open({folder!r} + "/big", "wb", buffering=0) as file:
            try:
                while True:
                    written += file.write(bytes(65536))
            except OSError as error:
                tell([written, errno.errorcode[error.errno]])
        """,
    )
    assert reason == errno.errorcode[errno.ENOSPC]
    assert size - 65536 <= written <= size


def test_files_are_bounded_in_number(backend: Backend):
    made, reason = ask(
        backend,
        """
        made = 0
        try:
            while True:
                os.close(os.open(f"/tmp/{made}", os.O_CREAT))
                made += 1
        except OSError as error:
            tell([made, errno.errorcode[error.errno]])
        """,
    )
    assert reason == "ENOSPC"
    assert made < 20_000


def test_descriptors_are_bounded_and_nothing_dumps_core(backend: Backend):
    limits = ask(
        backend,
        """
        import resource
        names = ("NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO", "SIGPENDING")
        tell({name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in names})
        """,
    )
    nothing = {name: [0, 0] for name in ("CORE", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO")}
    assert limits == nothing | {
        "NOFILE": [SMALL.open_files] * 2,
        "SIGPENDING": [contents.PENDING_SIGNALS] * 2,
    }


def test_more_threads_do_not_give_more_processor_time(backend: Backend):
    spin = """
    import time
    wait()
    for _ in range(4):
        if os.fork() == 0:
            while True:
                pass
    time.sleep(1)
    tell("spun")
    """
    with running(backend, spin) as sandbox:
        before, started_s = sandbox.usage().cpu_s, time.monotonic()
        go_on(sandbox)
        assert hear(sandbox) == "spun"
        used_s, lasted_s = sandbox.usage().cpu_s - before, time.monotonic() - started_s
        assert 0 < used_s < 1.5 * SMALL.cpus * lasted_s  # two cores would give 2


def test_processor_time_of_all_processes_is_accounted_for(backend: Backend):
    burn = """
    import time
    def burn():
        while time.process_time() < 0.3:
            pass
    wait()
    in_child(burn)
    burn()
    tell("burnt")
    """
    with running(backend, burn) as sandbox:
        before = sandbox.usage().cpu_s
        go_on(sandbox)
        assert hear(sandbox) == "burnt"
        assert sandbox.usage().cpu_s - before > 0.4


def test_pinning_confines_every_process_to_a_core(backend: Backend):
    show = """
    reader, writer = os.pipe()
    if os.fork() == 0:
        while os.read(reader, 1):
            tell(sorted(os.sched_getaffinity(0)))
    while True:
        wait()
        tell(sorted(os.sched_getaffinity(0)))
        os.write(writer, b".")
    """
    every_core = sorted(os.sched_getaffinity(0))
    with running(backend, show) as sandbox:
        for core, allowed in (
            (every_core[-1], every_core[-1:]),
            (every_core[0], every_core[:1]),
            (None, every_core),
        ):
            sandbox.pin(core)
            go_on(sandbox)
            assert [hear(sandbox), hear(sandbox)] == [allowed, allowed]


def test_a_core_that_does_not_exist_is_an_error(backend: Backend):
    with running(backend, "") as sandbox, pytest.raises(SandboxError):
        sandbox.pin(10_000)
