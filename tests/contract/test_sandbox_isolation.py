"""What a program inside a sandbox can't see, reach or do."""

import os
import platform
import secrets
import signal
import socket
import tempfile
from pathlib import Path

import pyseccomp
import pytest

from grader.sandbox import contents
from grader.sandbox.interface import Backend, Limits
from tests.contract.probes import ask, go_on, hear, running

# Syscalls that must be refused, with arguments that the kernel would accept from a root process.
CLONE_NEWUSER, CLONE_NEWNET, SIGCHLD, TIOCSTI = 0x10000000, 0x40000000, 17, 0x5412
MAP_ANONYMOUS_HUGETLB, MFD_HUGETLB, MADV_MERGEABLE = 0x40022, 4, 12
REFUSED_SYSCALLS = {
    "acct": [],
    "add_key": [],
    "bpf": [],
    "chroot": [],
    "clone": [CLONE_NEWUSER | SIGCHLD],
    "delete_module": [],
    "fanotify_init": [],
    "init_module": [],
    "inotify_init1": [],
    "io_uring_setup": [8],
    "ioctl": [0, TIOCSTI],
    "kcmp": [],
    "kexec_load": [],
    "keyctl": [],
    "landlock_create_ruleset": [],
    "madvise": [0, 0, MADV_MERGEABLE],
    "mbind": [],
    "membarrier": [],
    "memfd_create": [0, MFD_HUGETLB],
    "mknod": [],
    "mount": [],
    "mmap": [0, 4096, 0, MAP_ANONYMOUS_HUGETLB, -1],
    "mount_setattr": [],
    "move_pages": [],
    "mq_open": [],
    "name_to_handle_at": [],
    "open_by_handle_at": [],
    "open_tree": [],
    "perf_event_open": [],
    "personality": [0x0040000],
    "pidfd_getfd": [],
    "pidfd_send_signal": [],
    "pivot_root": [],
    "prlimit64": [1, 7],
    "process_vm_readv": [],
    "process_vm_writev": [],
    "ptrace": [0],
    "quotactl": [],
    "reboot": [],
    "request_key": [],
    "rt_sigqueueinfo": [],
    "sched_setaffinity": [1],
    "seccomp": [],
    "setpriority": [0, 1, 19],
    "setgid": [0],
    "setns": [],
    "setuid": [0],
    "shmget": [],
    "swapon": [],
    "sync": [],
    "syslog": [],
    "timer_create": [],
    "umount2": [],
    "unshare": [CLONE_NEWNET],
    "userfaultfd": [],
    "vmsplice": [],
}


def test_it_runs_as_an_unprivileged_process_1(backend: Backend):
    status = ask(
        backend,
        """
        lines = (line.partition(":") for line in open("/proc/self/status"))
        tell({name: value.strip() for name, _, value in lines})
        """,
    )
    assert status["Pid"] == status["NSsid"] == "1"
    assert "0" not in status["Uid"].split() + status["Gid"].split() + status["Groups"].split()
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_it_sees_no_other_process(backend: Backend):
    listing = "wait(); tell([name for name in os.listdir('/proc') if name.isdigit()])"
    with running(backend, listing) as sandbox, running(backend, "tell('here')") as neighbour:
        assert hear(neighbour) == "here"
        go_on(sandbox)
        assert hear(sandbox) == ["1"]


def test_it_has_no_network(backend: Backend):
    seen = ask(
        backend,
        """
        families = ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"]
        kinds = {name: attempt(socket.socket, getattr(socket, name), socket.SOCK_DGRAM) for name in families}
        interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
        tell([kinds, interfaces])
        """,
    )
    kinds, interfaces = seen
    assert set(kinds.values()) == {"EPERM"}, kinds
    assert interfaces == ["lo"]


def test_abstract_sockets_of_the_host_are_out_of_reach(backend: Backend):
    name = f"grader-test-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as control:
        listener.bind(f"\0{name}")
        listener.listen(1)
        control.connect(f"\0{name}")  # reachable from here
        assert (
            ask(backend, f"tell(attempt(socket.socket(socket.AF_UNIX).connect, '\\0{name}'))")
            == "ECONNREFUSED"
        )


def test_dangerous_syscalls_are_refused(backend: Backend):
    numbers = {
        name: (pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name), arguments)
        for name, arguments in REFUSED_SYSCALLS.items()
    }
    answers = ask(
        backend,
        f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        answers = {{}}
        for name, (number, arguments) in {numbers!r}.items():
            if number >= 0:
                done = libc.syscall(number, *(arguments + [0] * (6 - len(arguments))))
                answers[name] = errno.errorcode[ctypes.get_errno()] if done == -1 else "done"
        tell(answers)
        """,
    )
    # The engine's runtime answers ENOSYS for calls that are younger than all that the profile names.
    assert {name: answer for name, answer in answers.items() if answer not in ("EPERM", "ENOSYS")} == {}
    assert len(answers) > len(REFUSED_SYSCALLS) - 3


@pytest.mark.skipif(platform.machine() != "x86_64", reason="calls of x86")
@pytest.mark.parametrize("way", ["i386", "x32"])
def test_calls_by_the_numbers_of_another_architecture_end_the_process(backend: Backend, way: str):
    """Code in memory asks for its process id the old way, which the filter's numbers don't cover."""
    exit_code = ask(
        backend,
        f"""
        import ctypes, mmap
        def call():
            if {way!r} == "x32":
                os._exit(0 if ctypes.CDLL(None).syscall(0x40000000 | 39) > 0 else 1)
            code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
            address = ctypes.addressof(ctypes.c_char.from_buffer(code))
            os._exit(0 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0 else 1)
        tell(in_child(call))
        """,
    )
    assert exit_code == -signal.SIGSYS


def test_process_1_can_not_be_meddled_with(backend: Backend):
    """Not its limits, its share of the processor, its memory: it is our own and stays for the next test."""
    answers = ask(
        backend,
        """
        import ctypes, resource, time
        def others():
            libc = ctypes.CDLL(None, use_errno=True)
            tell({
                "limits": attempt(resource.prlimit, 1, resource.RLIMIT_NOFILE, (3, 3)),
                "cores": attempt(os.sched_setaffinity, 1, {0}),
                "niceness": attempt(os.setpriority, os.PRIO_PROCESS, 1, 19),
                "all of its user's": attempt(os.setpriority, os.PRIO_USER, 0, 19),
                "its place when memory runs out": attempt(open, "/proc/1/oom_score_adj", "w"),
                "its memory": attempt(open, "/proc/1/mem", "r+b"),
            })
            for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
                os.kill(1, number)
        libc = ctypes.CDLL(None)
        libc.prctl(4, 0, 0, 0, 0)  # as our own process 1 does first of all
        os.waitpid(os.fork() or (others(), os._exit(0)), 0)
        tell("still here")
        """,
    )
    assert set(answers.values()) <= {"EPERM", "EACCES"}, answers


def test_what_tells_of_the_host_is_masked(backend: Backend):
    readable = ask(
        backend,
        f"""
        readable = []
        for path in {contents.masked_paths()!r}:
            try:
                content = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(10)
            except OSError:
                content = None
            if content:
                readable.append(path)
        tell(readable)
        """,
    )
    assert readable == []


def test_nothing_of_the_kernels_can_be_set(backend: Backend):
    places = ["sysrq-trigger", "sys/kernel/core_pattern", "sys/vm/overcommit_memory", "sys/kernel/hostname"]
    answers = ask(backend, f"tell([attempt(open, '/proc/' + place, 'r+b') for place in {places!r}])")
    assert set(answers) <= {"EACCES", "EROFS", "ENOENT", "EPERM"}


def test_clone3_asks_to_fall_back_to_clone(backend: Backend):
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "clone3")
    answer = ask(
        backend,
        f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall({number}, 0, 0)
        tell(errno.errorcode[ctypes.get_errno()])
        """,
    )
    assert answer == "ENOSYS"


def test_only_the_sized_file_systems_can_be_written(backend: Backend):
    writable = ask(
        backend,
        """
        writable = []
        for folder, below, _ in os.walk("/"):
            below[:] = [name for name in below if not (folder == "/" and name == "proc")]
            if os.access(folder, os.W_OK) and attempt(open, folder + "/probe", "w") == "done":
                writable.append(folder)
                os.unlink(folder + "/probe")
        tell(writable)
        """,
    )
    assert sorted(writable) == ["/dev/shm", contents.SUBMISSION, "/tmp"]


def test_what_it_writes_can_not_be_executed(backend: Backend):
    answers = ask(
        backend,
        """
        import shutil
        answers = []
        for folder in ("/tmp", "/dev/shm", "/submission"):
            shutil.copy("/bin/true", folder + "/program")
            answers.append(attempt(os.execv, folder + "/program", ["program"]))
        tell(answers)
        """,
    )
    assert answers == ["EACCES"] * 3


def test_the_submission_folder_is_private_and_empty(backend: Backend):
    mode, listed, cwd = ask(
        backend, "tell([os.stat('/submission').st_mode & 0o7777, os.listdir('/submission'), os.getcwd()])"
    )
    assert (mode, listed, cwd) == (0o700, [], contents.SUBMISSION)


def test_nothing_of_the_host_or_the_grader_is_there(backend: Backend, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRADER_TEST_SECRET", "environment-secret")
    with tempfile.NamedTemporaryFile(prefix="grader-secret-", mode="w") as secret:
        secret.write("file-secret")
        secret.flush()
        Path(secret.name).chmod(0o644)
        places = [
            secret.name,
            *(str(contents.PROJECT / name) for name in ("reference", "hidden_tests", "grader")),
        ]
        seen = ask(
            backend,
            f"""
            import importlib.util
            modules = ["grader.errors", "grader.judging", "grader.sandbox", "grader.remote.importing"]
            def found(name):
                try:
                    return importlib.util.find_spec(name) is not None
                except ModuleNotFoundError:
                    return False
            tell({{
                "places": [place for place in {places!r} if os.path.exists(place)],
                "modules": [name for name in modules if found(name)],
                "environment": dict(os.environ),
                "path": sys.path,
            }})
            """,
        )
    assert seen["places"] == []
    assert seen["modules"] == []
    assert "environment-secret" not in str(seen["environment"])
    extra = {name: value for name, value in seen["environment"].items() if name not in contents.ENVIRONMENT}
    assert set(extra) <= {"HOSTNAME", "PWD"}
    assert contents.SUBMISSION not in seen["path"] and "" not in seen["path"]


def test_it_inherits_no_descriptor_but_its_control_socket(backend: Backend):
    with Path(__file__).open() as file:
        os.set_inheritable(file.fileno(), True)
        kinds = ask(
            backend,
            """
            opened = {int(name): os.readlink("/proc/self/fd/" + name) for name in os.listdir("/proc/self/fd")
                      if os.path.exists("/proc/self/fd/" + name) or name == str(control.fileno())}
            tell({name: kind for name, kind in opened.items() if name > 2 and name != control.fileno()
                  and "/fd" not in kind})
            """,
        )
    assert kinds == {}


def test_the_control_socket_can_not_be_reached_twice(backend: Backend):
    with running(
        backend,
        f"wait(); tell(attempt(socket.socket(socket.AF_UNIX).connect, {contents.CONTROL_SOCKET!r}))",
    ) as sandbox:
        go_on(sandbox)
        assert hear(sandbox) == "ENOENT"


def test_honest_programs_work(backend: Backend):
    said = ask(
        backend,
        """
        import multiprocessing, subprocess, tempfile
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        import matplotlib.pyplot, numpy, torchvision, tqdm, msgpack

        x = torch.randn(64, 8, requires_grad=True)
        (x @ x.T).sum().backward()
        loader = DataLoader(TensorDataset(torch.arange(8)), batch_size=4, num_workers=1)
        with tempfile.TemporaryFile() as file:
            file.write(b"text")
        thread = threading.Thread(target=lambda: None)
        thread.start(); thread.join()
        tell({
            "gradient": list(x.grad.shape),
            "threads": torch.get_num_threads(),
            "batches": len(list(loader)),
            "echo": subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout,
            "user": __import__("getpass").getuser(),
        })
        """,
        Limits(),
    )
    assert said == {"gradient": [64, 8], "threads": 1, "batches": 2, "echo": "hello\n", "user": "student"}
