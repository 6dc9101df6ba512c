"""The step between root and bubblewrap: a program of its own, run as `python -I -S FILE FD`.

Theory of operation. Still root, it joins the sandbox's control group, takes a private copy of
the mount table, and sets a stage there: the folders and the sized file systems that the sandbox
will show. Then it becomes the sandbox's unprivileged user for good and turns into bubblewrap,
which binds from the stage. So bubblewrap needs no access to the folders the stage was made
from (root's home may hold the interpreter), nothing of root's can be read inside, and every
mount vanishes with the last process. It imports the standard library only: it starts fast.

FD holds JSON: `cgroups` (files to join by), `uid`, `folders` ({stage name: source}),
`file_systems` ({stage name: tmpfs options}), `resource_limits` ({name: value}), `oom_score_adj`, `command`.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from pathlib import Path

STAGE = Path("/tmp")  # any folder that all users may enter; covered in our mount table only

CLONE_NEWNS = 0x20000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MOUNT_FLAGS = {"rw": 0, "nosuid": MS_NOSUID, "nodev": MS_NODEV, "noexec": MS_NOEXEC}

_libc = ctypes.CDLL(None, use_errno=True)


def main(plan_fd: int) -> None:
    """Set the stage and turn into `command`; an OSError ends the process with its text."""
    with open(plan_fd, encoding="utf-8") as file:
        plan = json.load(file)
    for members in plan["cgroups"]:
        Path(members).write_text(str(os.getpid()))
    _set_stage(plan["folders"], plan["file_systems"])
    Path("/proc/self/oom_score_adj").write_text(str(plan["oom_score_adj"]))
    for name, value in plan["resource_limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (value, value))
    os.setgroups([])
    os.setresgid(plan["uid"], plan["uid"], plan["uid"])
    os.setresuid(plan["uid"], plan["uid"], plan["uid"])
    os.execve(plan["command"][0], plan["command"], {})


def _set_stage(folders: dict[str, str], file_systems: dict[str, str]) -> None:
    if _libc.unshare(CLONE_NEWNS):
        _fail("a private mount table")
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    sources = {name: os.open(source, os.O_PATH) for name, source in folders.items()}
    _mount("tmpfs", str(STAGE), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    for name, source in sources.items():
        place = STAGE / name
        place.mkdir()
        _mount(f"/proc/self/fd/{source}", str(place), "", MS_BIND)
        _mount("none", str(place), "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
        os.close(source)
    for name, options in file_systems.items():
        place = STAGE / name
        place.mkdir()
        flags, data = 0, []
        for option in options.split(","):
            if option in MOUNT_FLAGS:
                flags |= MOUNT_FLAGS[option]
            else:
                data.append(option)
        _mount("tmpfs", str(place), "tmpfs", flags, ",".join(data))


def _mount(source: str, place: str, kind: str, flags: int, data: str = "") -> None:
    if _libc.mount(source.encode(), place.encode(), kind.encode(), flags, data.encode()):
        _fail(f"mounting {source} at {place}")


def _fail(what: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
