"""How sessions end: each cause is told apart, nothing is left behind, and the next session works."""

import contextlib
import signal

import pytest
import torch

from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.session import SessionEnded
from tests.contract.students import Remote

SOURCE = """
import subprocess, threading
from pathlib import Path
def fine():
    return "fine"
def spins():
    while True:
        pass
def sleeps():
    time.sleep(1000)
def leaves(code):
    os._exit(code)
def crashes(number):
    os.kill(os.getpid(), number)
def prints(count):
    for _ in range(count):
        print("x" * 1000)
def prints_a_little():
    print("hello", flush=True)
def forks():
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
def forks_and_leaves():
    forks()
    os._exit(0)
def others():
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    running = [pid for pid in seen if Path(f"/proc/{pid}/cmdline").read_bytes()]  # zombies have none
    return len([pid for pid in running if pid not in (1, os.getpid(), os.getppid())])
def writes():
    Path("/tmp/note").write_text("for the next test")
    Path("/dev/shm/folder").mkdir()
    Path("/dev/shm/folder/note").write_text("too")
def locks_a_folder():
    Path("/tmp/locked/inner").mkdir(parents=True)
    Path("/tmp/locked/inner/note").write_text("for the next test")
    Path("/tmp/locked/inner").chmod(0)
    Path("/tmp/locked").chmod(0)
def digs_deep():
    os.chdir("/dev/shm")
    for _ in range(1500):
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
    Path("note").write_text("for the next test")
def marks_its_parent():
    done = []
    for name, value in (("oom_score_adj", "777"), ("coredump_filter", "0x1"), ("comm", "mark")):
        try:
            Path(f"/proc/{os.getppid()}/{name}").write_text(value)
            done.append(name)
        except OSError:
            pass
    return done
def links_elsewhere():
    os.symlink("/submission", "/tmp/link")
    socket.socket(socket.AF_UNIX).bind("/tmp/socket")
    os.link("/submission/demo/extra.py", "/submission/demo/again.py")
def writes_beside_itself():
    Path(__file__).with_name("note").write_text("for the next test")
def changes_itself():
    with Path(__file__).open("a") as file:
        file.write("# for the next test")
def beside():
    files = sorted(path for path in Path(__file__).parent.rglob("*") if path.is_file())
    return [[str(path), path.read_text()] for path in files]
def swept():
    return not os.listdir("/tmp") and not os.listdir("/dev/shm")
def reads():
    return sorted(str(path) for place in ("/tmp", "/dev/shm") for path in Path(place).rglob("*"))
def kills_parent():
    os.kill(os.getppid(), signal.SIGKILL)
def eats():
    return len([bytearray(os.urandom(1) * 2**26) for _ in range(100)])
counter = [0]
def count():
    counter[0] += 1
    return counter[0]
class Thing:
    pass
def draw():
    return torch.rand(3)
"""


def ends(remote: Remote, use, *arguments) -> SessionEnded:
    with pytest.raises(SessionEnded) as caught:
        use(*arguments)
    return caught.value


def test_a_session_that_ends_well(remote: Remote):
    demo = remote(SOURCE)
    assert demo.fine() == "fine"
    ending = remote.end()
    assert (ending.cause, ending.exit_code, ending.scratch_full) == (None, 0, False)


def test_computing_for_too_long(remote: Remote):
    demo = remote(SOURCE, SessionLimits(cpu_s=0.5, wall_s=60, output_bytes=1000))
    assert ends(remote, demo.spins).cause == "timeout"
    assert ends(remote, demo.fine).cause == "timeout"  # and it stays ended
    assert remote.end().cause == "timeout"
    remote.open()
    assert demo.fine() == "fine"


def test_waiting_for_too_long(remote: Remote):
    demo = remote(SOURCE, SessionLimits(cpu_s=60, wall_s=0.5, output_bytes=1000))
    assert ends(remote, demo.sleeps).cause == "timeout"
    assert remote.end().cause == "timeout"


@pytest.mark.parametrize("code", [0, 3])
def test_leaving_without_an_answer(remote: Remote, code: int):
    demo = remote(SOURCE)
    assert ends(remote, demo.leaves, code).cause == "ended"
    ending = remote.end()
    assert (ending.cause, ending.exit_code) == ("ended", code)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL], ids=lambda s: s.name)
def test_dying_by_a_signal(remote: Remote, number: signal.Signals):
    demo = remote(SOURCE)
    ends(remote, demo.crashes, int(number))
    ending = remote.end()
    assert (ending.cause, ending.exit_code, ending.oom_kills) == ("ended", -number, 0)


def test_printing_too_much(remote: Remote):
    demo = remote(SOURCE)
    assert ends(remote, demo.prints, 10**6).cause == "output_limit"
    assert remote.end().cause == "output_limit"


def test_what_is_printed_is_kept(remote: Remote):
    demo = remote(SOURCE)
    demo.prints_a_little()
    session = remote.session
    remote.end()
    assert bytes(session.output) == b"hello\n"


def test_needing_too_much_memory(remote: Remote):
    demo = remote(SOURCE)
    ends(remote, demo.eats)
    ending = remote.end()
    assert ending.cause == "ended"
    assert ending.oom_kills > 0
    remote.open()
    assert demo.fine() == "fine"


@pytest.mark.parametrize("way", ["forks", "forks_and_leaves"])
def test_processes_that_are_left_behind_are_swept(remote: Remote, way: str):
    demo = remote(SOURCE)
    if way == "forks":
        demo.forks()
        assert demo.others() == 1
    else:
        assert ends(remote, demo.forks_and_leaves).cause == "ended"
    remote.open()
    assert demo.others() == 0


def test_files_that_are_left_behind_are_swept(remote: Remote):
    demo = remote(SOURCE)
    demo.writes()
    assert len(demo.reads()) == 3
    remote.open()
    assert demo.reads() == []


@pytest.mark.parametrize("way", ["locks_a_folder", "digs_deep", "links_elsewhere"])
def test_files_that_are_hard_to_remove_are_swept(remote: Remote, way: str):
    demo = remote(SOURCE)
    sandbox = remote.host.sandbox
    getattr(demo, way)()
    assert not demo.swept()
    remote.open()
    assert demo.swept()
    assert remote.host.sandbox is sandbox


@pytest.mark.parametrize("way", ["writes_beside_itself", "changes_itself", "links_elsewhere"])
def test_changed_files_of_the_submission_are_as_handed_in_for_the_next_test(remote: Remote, way: str):
    demo = remote(SOURCE)
    before = demo.beside()
    getattr(demo, way)()
    assert demo.beside() != before
    remote.open()
    assert demo.beside() == before


def test_what_importing_writes_beside_itself_stays(remote: Remote):
    demo = remote(SOURCE + "\nwrites_beside_itself()")
    before = demo.beside()
    assert any("note" in path for path, _ in before)
    for _ in range(2):
        remote.open()
        assert demo.beside() == before


def test_what_importing_leaves_behind_is_swept(remote: Remote):
    demo = remote(SOURCE + "\nforks()\nwrites()")
    assert demo.others() == 0
    assert demo.reads() == []


def test_no_state_is_carried_from_session_to_session(remote: Remote):
    demo = remote(SOURCE)
    assert [demo.count(), demo.count()] == [1, 2]
    remote.open()
    assert demo.count() == 1


def test_what_sessions_inherit_is_out_of_their_reach(remote: Remote):
    demo = remote(SOURCE)
    assert demo.marks_its_parent() == []


def test_killing_the_zygote_costs_only_the_session_that_did_it(remote: Remote):
    demo = remote(SOURCE)
    kind = demo.Thing
    with contextlib.suppress(SessionEnded):
        demo.kills_parent()
    remote.open()
    assert demo.fine() == "fine"
    assert demo.Thing is kind  # names that tests imported before still stand for the same
    assert isinstance(kind(), kind)


def test_an_import_that_never_ends(remote: Remote):
    remote.host.load({"demo/__init__.py": b"while True: pass"})
    assert isinstance(remote.host.package.import_failure(), TimeoutError)
    remote.open()
    with pytest.raises(TimeoutError, match="longer than 5 s"):
        remote.host.package.resolve("demo", "anything")()


def test_random_numbers_follow_the_seed(remote: Remote):
    demo = remote(SOURCE)
    draws = []
    for seed in (1, 1, 2):
        remote.open(seed=seed)
        draws.append(demo.draw())
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    remote.session.seed(5)
    again = demo.draw()
    remote.session.seed(5)
    assert torch.equal(demo.draw(), again)
