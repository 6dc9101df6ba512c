"""What a program inside a sandbox can't ask of the kernel, and process 1's peace."""

import platform
import signal

import pyseccomp
import pytest

from grader.sandbox.interface import Backend
from tests.contract.probes import ask

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
