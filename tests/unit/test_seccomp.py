"""The seccomp profile: an allow-list without the dangerous calls, in both its forms."""

import errno
import json
import struct
import sys

import pyseccomp
import pytest

from grader.sandbox import seccomp

PROFILE = json.loads(seccomp.profile_text())
RULES = PROFILE["syscalls"]
X86_64, I386, X32_BIT = 0xC000003E, 0x40000003, 0x40000000  # AUDIT_ARCH_* and the mark of x32's calls
ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
# Neither plainly nor with any arguments may these be allowed.
NEVER = [
    *("add_key", "bpf", "chroot", "delete_module", "execveat", "fanotify_init", "finit_module", "fsopen"),
    *("init_module", "inotify_init1", "io_setup", "io_uring_enter", "io_uring_register", "io_uring_setup"),
    *("ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl", "membarrier", "mknod", "mknodat"),
    *("modify_ldt", "mount", "mount_setattr", "move_mount", "mq_open", "name_to_handle_at"),
    *("open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pidfd_send_signal"),
    *("pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "quotactl"),
    *("reboot", "request_key", "rt_sigqueueinfo", "sched_setattr", "sched_setscheduler", "setgid"),
    *("setgroups", "setns", "setresuid", "setuid", "shmget", "splice", "swapon", "sync", "syncfs", "syslog"),
    *("timer_create", "umount2", "unshare", "userfaultfd", "vmsplice"),
]
# These are allowed with certain arguments only.
CONDITIONAL = {
    *("clone", "fcntl", "futex", "ioctl", "madvise", "memfd_create", "mmap", "personality", "prctl"),
    *("prlimit64", "recvfrom", "recvmsg", "sched_setaffinity", "sendmsg", "sendto", "setpriority"),
    *("setsockopt", "socket", "socketpair"),
}
# What a call may do, and what it may not: a name, arguments that pass, arguments that don't.
ARGUMENTS = [
    pytest.param("clone", [0x11], [0x10000011], id="clone: a process, no user namespace"),
    pytest.param("clone", [0x3D0F00], [0x3D0F00 | 0x20000], id="clone: a thread, no mount namespace"),
    pytest.param("fcntl", [0, 1030], [0, 1026], id="fcntl: a copy, no watching of folders"),
    pytest.param("fcntl", [0, 6], [0, 1024], id="fcntl: a lock, no lease"),
    pytest.param("futex", [0, 0x80 | 9], [0, 0x80 | 6], id="futex: waiting, no inheritance of priorities"),
    pytest.param("futex", [0, 1], [0, 12], id="futex: waking, no CMP_REQUEUE_PI"),
    pytest.param("ioctl", [0, 0x5401], [0, 0x5412], id="ioctl: asking for settings, no TIOCSTI"),
    pytest.param("madvise", [0, 0, 4], [0, 0, 12], id="madvise: giving back, no merging with others' pages"),
    pytest.param("madvise", [0, 0, 14], [0, 0, 100], id="madvise: huge pages, no poisoning"),
    pytest.param("memfd_create", [0, 1], [0, 4], id="memfd_create: plain, not of the host's huge pages"),
    pytest.param("mmap", [0, 1, 3, 0x22], [0, 1, 3, 0x40022], id="mmap: plain, not of the host's huge pages"),
    pytest.param("personality", [0xFFFFFFFF], [0x0040000], id="personality: asked for, not changed"),
    pytest.param("prctl", [15], [0x59616D61], id="prctl: a name, no tracer"),
    pytest.param("prlimit64", [0, 7], [1, 7], id="prlimit64: its own limits, not process 1's"),
    pytest.param("sched_setaffinity", [0], [1], id="sched_setaffinity: its own, not process 1's"),
    pytest.param("setpriority", [0, 0], [0, 1], id="setpriority: its own, not process 1's"),
    pytest.param("setpriority", [0, 0], [2, 0], id="setpriority: its own, not all of its user's"),
    pytest.param("recvmsg", [0, 0, 0x40], [0, 0, 1], id="recvmsg: not out of band"),
    pytest.param("sendto", [0, 0, 0, 0x4000], [0, 0, 0, 0x4001], id="sendto: not out of band"),
    pytest.param("setsockopt", [0, 1, 7], [0, 1, 26], id="setsockopt: a size, no packet filter"),
    pytest.param("setsockopt", [0, 1, 20], [0, 0, 20], id="setsockopt: of sockets, not of protocols"),
    pytest.param("socket", [1], [16], id="socket: unix, no netlink"),
    pytest.param("socketpair", [1], [40], id="socketpair: unix, no vsock"),
]

on_x86_64 = pytest.mark.skipif(
    pyseccomp.system_arch() != pyseccomp.Arch.X86_64, reason="numbers of another architecture"
)


def answer(number: int, arguments: list[int], architecture: int = X86_64) -> int:
    """What the compiled filter, run as the kernel would run it, says of one call."""
    data = struct.pack("<iIQ6Q", number, architecture, 0, *(arguments + [0] * 6)[:6])
    program = list(struct.iter_unpack("HBBI", seccomp.compiled_profile()))
    at = accumulator = 0
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        if code == 0x06:  # return
            return int(k)
        if code == 0x20:  # load
            accumulator = int.from_bytes(data[k : k + 4], sys.byteorder)
        elif code == 0x54:  # and
            accumulator &= k
        elif code == 0x05:  # jump
            at += k
        else:
            holds = {0x15: accumulator == k, 0x25: accumulator > k, 0x35: accumulator >= k}[code]
            at += if_true if holds else if_false


def number_of(name: str) -> int:
    return int(pyseccomp.resolve_syscall(pyseccomp.Arch.X86_64, name))


def test_what_is_not_named_is_refused():
    assert (PROFILE["defaultAction"], PROFILE["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    assert {rule["action"] for rule in RULES if "errnoRet" not in rule} == {"SCMP_ACT_ALLOW"}
    assert [rule["names"] for rule in RULES if "errnoRet" in rule] == [["clone3"]]


@pytest.mark.parametrize("name", NEVER)
def test_dangerous_calls_are_not_named(name: str):
    assert not any(name in rule["names"] for rule in RULES)


def test_some_calls_are_never_allowed_without_looking_at_their_arguments():
    plain = {
        name
        for rule in RULES
        if "args" not in rule and rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    }
    assert CONDITIONAL & plain == set()
    assert {name for rule in RULES if "args" in rule for name in rule["names"]} == CONDITIONAL


@on_x86_64
@pytest.mark.parametrize(("name", "allowed", "refused"), ARGUMENTS)
def test_arguments_decide(name: str, allowed: list[int], refused: list[int]):
    assert answer(number_of(name), allowed) == ALLOW
    assert answer(number_of(name), refused) == ERRNO | errno.EPERM


@on_x86_64
def test_clone3_is_said_not_to_exist():
    assert answer(number_of("clone3"), []) == ERRNO | errno.ENOSYS


@on_x86_64
def test_every_call_that_is_not_named_is_refused_by_the_compiled_filter():
    named = {number_of(name) for rule in RULES for name in rule["names"]}
    others = [number for number in range(600) if number not in named]
    assert {answer(number, []) for number in others} == {ERRNO | errno.EPERM}


@on_x86_64
def test_numbers_of_another_architecture_end_the_process():
    assert [entry["subArchitectures"] for entry in PROFILE["archMap"]] == [[], []]
    getpid, i386_getpid = number_of("getpid"), 20
    assert answer(getpid, []) == ALLOW
    assert answer(X32_BIT | getpid, []) == KILL_PROCESS
    assert answer(i386_getpid, [], architecture=I386) == KILL_PROCESS


def test_no_name_is_misspelt_or_given_twice():
    plain = [name for rule in RULES if "args" not in rule for name in rule["names"]]
    assert len(plain) == len(set(plain))
    assert [name for name in plain if pyseccomp.resolve_syscall(pyseccomp.Arch.X86_64, name) == -1] == []


def test_it_compiles_to_whole_bpf_instructions():
    program = seccomp.compiled_profile()
    instructions = list(struct.iter_unpack("HBBI", program))
    assert 100 < len(instructions) < 4096  # the kernel takes no more
    assert all(jump < len(instructions) for _, *jumps, _ in instructions for jump in jumps)
