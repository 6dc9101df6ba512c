"""A throwaway machine for plain harnesses that need no image: its own namespaces, and nothing but programs.

bubblewrap makes it anew for each run in a few milliseconds: no network but a loopback of its own, file
systems in memory with a size, limits of the kernel on memory, files and processor time. In it the harness
is root, as the usual container's user is, and everything below `/course` is its disk.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from redteam.observation import NotRun

HARNESS = Path(__file__).parent
MEMORY_BYTES = 1024**3
DISK_BYTES = 512 * 1024**2
CPU_S, WALL_S = 20, 60
CAPABILITIES = ("CAP_MKNOD", "CAP_CHOWN", "CAP_FOWNER", "CAP_FSETID", "CAP_DAC_OVERRIDE", "CAP_NET_ADMIN")


def run_in_throwaway(program: str, settings: dict[str, Any], payload: bytes) -> dict[str, Any]:
    """Run `redteam/plain/PROGRAM` with the payload as its input; return what it reports, as JSON.

    Raises NotRun where no such machine can be made.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None or os.geteuid() != 0:
        raise NotRun("the plain harness runs in a throwaway machine, which needs bubblewrap and root")
    limits = [f"--as={MEMORY_BYTES}", f"--fsize={DISK_BYTES}", f"--cpu={CPU_S}", "--nproc=4096", "--core=0"]
    command = [
        *("prlimit", *limits, bwrap, "--die-with-parent", "--new-session"),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *(
            "--clearenv",
            "--setenv",
            "PATH",
            f"{sys.base_prefix}/bin:/usr/bin:/bin",
            "--setenv",
            "HOME",
            "/course/home",
        ),
        *("--cap-drop", "ALL", *(word for name in CAPABILITIES for word in ("--cap-add", name))),
        *(word for name in ("/usr", "/lib", "/lib64", "/bin", "/sbin") for word in _bound(name)),
        *_bound(sys.base_prefix),
        *("--ro-bind", str(HARNESS), "/harness", "--proc", "/proc", "--dev", "/dev"),
        *(word for place in ("/etc", "/tmp") for word in ("--size", "1048576", "--tmpfs", place)),
        *("--size", str(DISK_BYTES), "--tmpfs", "/course", "--chdir", "/course"),
        *(sys.executable if sys.prefix == sys.base_prefix else _base_python(), "-IS"),
        *(f"/harness/{program}", json.dumps(settings)),
    ]
    try:
        done = subprocess.run(command, input=payload, capture_output=True, timeout=WALL_S, env={})
    except subprocess.TimeoutExpired:
        return {"time": f"no end within {WALL_S} s"}
    if done.returncode < 0:
        return {"time": f"ended by signal {-done.returncode}"}
    try:
        report = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        said = done.stderr.decode("utf-8", "replace").strip()[-500:]
        raise NotRun(f"the throwaway machine did not work: {said}") from None
    assert isinstance(report, dict)
    return report


def _base_python() -> str:
    return str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")


def _bound(name: str) -> tuple[str, ...]:
    path = Path(name)
    if path.is_symlink():
        return ("--symlink", str(path.readlink()), name)
    return ("--ro-bind", name, name) if path.is_dir() else ()
