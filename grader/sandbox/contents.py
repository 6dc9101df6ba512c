"""What a sandbox holds, the same for every backend: places, environment, packages, host program.

Theory of operation. Student code sees a read-only root with an interpreter, the packages of
`docker/student/requirements.txt` and the few files of the student host, and three small
writable file systems. Nothing else of the grader, and no test, is ever put there. The root's
digest is taken over what it is made from, so equal digests mean equal roots.
"""

from __future__ import annotations

import functools
import hashlib
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.sandbox.interface import Limits, Progress

PROJECT = Path(__file__).parents[2]
STUDENT_IMAGE = PROJECT / "docker" / "student"
REQUIREMENTS = STUDENT_IMAGE / "requirements.txt"
INSTALLER = STUDENT_IMAGE / "install_packages.py"

SITE_PACKAGES = "/opt/site-packages"
HOST_FILES = "/opt/grader_host"
SUBMISSION = "/submission"
CONTROL_FOLDER = "/run/grader"
CONTROL_SOCKET = f"{CONTROL_FOLDER}/host.sock"

# One thread and fixed hashing, so that two runs cost and do the same; nothing is inherited.
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONPATH": f"{SITE_PACKAGES}:{HOST_FILES}",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "HOME": "/tmp",
    "MPLCONFIGDIR": "/tmp",
    "MPLBACKEND": "Agg",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}

# Kept out of sys.path: the working folder, which is the submission's.
PYTHON_FLAGS = ("-P",)

# What tells of the host or its kernel, or would act on it; patterns, since some are per processor.
MASKED = (
    *("/proc/acpi", "/proc/asound", "/proc/config.gz", "/proc/interrupts", "/proc/kallsyms", "/proc/kcore"),
    *("/proc/key-users", "/proc/keys", "/proc/kmsg", "/proc/latency_stats", "/proc/modules"),
    *("/proc/sched_debug", "/proc/schedstat", "/proc/scsi", "/proc/softirqs", "/proc/sysrq-trigger"),
    *("/proc/timer_list", "/proc/timer_stats", "/proc/vmstat", "/sys/devices/virtual/powercap"),
    *("/sys/devices/system/cpu/cpu*/thermal_throttle", "/sys/firmware"),
)
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys")

# Where the host runs out of memory, sandboxes go first. Sessions raise it further; nothing lowers it.
OOM_SCORE_ADJ = 500
PENDING_SIGNALS = 1024


def writable_mounts(limits: Limits, uid: int) -> dict[str, str]:
    """Return the options of each tmpfs by its place: sized, bounded in files, nothing runs from it."""
    options = "rw,nosuid,nodev,noexec,nr_inodes=16384"
    return {
        "/tmp": f"{options},mode=1777,size={limits.tmp_bytes}",
        "/dev/shm": f"{options},mode=1777,size={limits.tmp_bytes}",
        SUBMISSION: f"{options},mode=0700,size={limits.submission_bytes},uid={uid},gid={uid}",
    }


def resource_limits(limits: Limits) -> dict[str, int]:
    """Return the limits of each process, as setrlimit names them in lower case."""
    return {
        **{"nofile": limits.open_files, "sigpending": PENDING_SIGNALS},
        **dict.fromkeys(("core", "memlock", "msgqueue", "nice", "rtprio"), 0),
    }


@functools.cache
def masked_paths() -> tuple[str, ...]:
    """Return what this host has of `MASKED`."""
    return tuple(sorted(str(path) for pattern in MASKED for path in Path("/").glob(pattern[1:])))


def account_files(uid: int) -> dict[str, str]:
    """Return the files of /etc that name the sandbox's one user."""
    return {
        "passwd": f"student:x:{uid}:{uid}:student:/tmp:/usr/sbin/nologin\n",
        "group": f"student:x:{uid}:\n",
    }


def host_files() -> dict[str, bytes]:
    """Return the student host's source files by their path below `HOST_FILES`."""
    remote = PROJECT / "grader" / "remote"
    sources = [*sorted((remote / "host").rglob("*.py")), *sorted((remote / "wire").rglob("*.py"))]
    packages = {"grader/__init__.py": b"", "grader/remote/__init__.py": b""}
    return packages | {str(source.relative_to(PROJECT)): source.read_bytes() for source in sources}


def digest_of(parts: Iterable[tuple[str, bytes]]) -> str:
    """Return the SHA-256, in hex, of named contents; their order matters."""
    total = hashlib.sha256()
    for name, content in parts:
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def file_digest(*paths: Path, extra: str = "") -> str:
    """Return the SHA-256, in hex, of these files' names and contents and of `extra`."""
    return digest_of([*((path.name, path.read_bytes()) for path in paths), ("", extra.encode())])


def wheelhouse(data_dir: Path, progress: Progress) -> Path:
    """Return the folder with every package of the requirements as a wheel; fetched only once."""
    folder = data_dir / "wheelhouse" / file_digest(REQUIREMENTS)[:16]
    complete = folder / "complete"
    if not complete.exists():
        progress("Fetching the packages for student code (once, about 250 MB)")
        folder.mkdir(parents=True, exist_ok=True)
        download = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--only-binary", ":all:", "--dest", str(folder), "-r", str(REQUIREMENTS)),
        ]
        done = subprocess.run(download, capture_output=True, text=True)
        if done.returncode:
            raise SandboxUnavailable(
                f"The packages for student code could not be fetched:\n{done.stderr.strip()[-2000:]}",
                "check the network, then run: " + " ".join(download),
            )
        complete.touch()
    return folder
