"""The seccomp profile: an allow-list without the dangerous calls, in both its forms."""

import json
import struct

import pyseccomp
import pytest

from grader.sandbox import seccomp

PROFILE = json.loads(seccomp.profile_text())
RULES = PROFILE["syscalls"]
# Neither plainly nor with any arguments may these be allowed.
NEVER = [
    *("add_key", "bpf", "chroot", "delete_module", "fanotify_init", "finit_module", "fsopen", "init_module"),
    *("io_setup", "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kcmp"),
    *("kexec_file_load", "kexec_load", "keyctl", "mknod", "mknodat", "modify_ldt", "mount", "mount_setattr"),
    *("move_mount", "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd"),
    *("pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "quotactl"),
    *("reboot", "request_key", "setgid", "setgroups", "setns", "setresuid", "setuid", "swapon", "syslog"),
    *("umount2", "unshare", "userfaultfd", "vmsplice"),
]
# These are allowed with certain arguments only.
CONDITIONAL = {"clone", "ioctl", "personality", "prctl", "socket", "socketpair"}


def test_what_is_not_named_is_refused():
    assert (PROFILE["defaultAction"], PROFILE["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    assert {rule["action"] for rule in RULES if "errnoRet" not in rule} == {"SCMP_ACT_ALLOW"}
    assert [rule["names"] for rule in RULES if "errnoRet" in rule] == [["clone3"]]


@pytest.mark.parametrize("name", NEVER)
def test_dangerous_calls_are_not_named(name: str):
    assert not any(name in rule["names"] for rule in RULES)


def test_some_calls_are_never_allowed_without_looking_at_their_arguments():
    for rule in RULES:
        if "args" not in rule and rule["action"] == "SCMP_ACT_ALLOW":
            assert CONDITIONAL.isdisjoint(rule["names"]), rule["comment"]


def test_no_other_architecture_can_be_used_to_get_around_it():
    assert [entry["subArchitectures"] for entry in PROFILE["archMap"]] == [[], []]


def test_no_name_is_misspelt_or_given_twice():
    plain = [name for rule in RULES if "args" not in rule for name in rule["names"]]
    assert len(plain) == len(set(plain))
    assert [name for name in plain if pyseccomp.resolve_syscall(pyseccomp.Arch.X86_64, name) == -1] == []


def test_it_compiles_to_whole_bpf_instructions():
    program = seccomp.compiled_profile()
    instructions = list(struct.iter_unpack("HBBI", program))
    assert 100 < len(instructions) < 4096  # the kernel takes no more
    assert all(jump < len(instructions) for _, *jumps, _ in instructions for jump in jumps)
