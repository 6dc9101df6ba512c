"""Which workers live.

Every worker beats: it writes a moment into its row. The others watch. A heart counts as standing still
when the row has been found unchanged in a number of looks, one after the other: no clock is compared with
another, and a machine that sleeps or a database that is away makes nobody die, since nobody looks then.
A worker on the same machine (the same kernel and the same process numbers) is seen to be dead at once.

A worker that is declared dead by mistake, because it could not reach the database, finds its row marked
and ends; meanwhile the fences keep it from publishing anything. Well before that it takes no more runs.
"""

from __future__ import annotations

import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Worker

BEAT_S = 2.0
LOOKS_UNTIL_DEAD = 8  # one per BEAT_S: about 16 s
STALE_S = BEAT_S * LOOKS_UNTIL_DEAD / 2  # whoever has not beaten for so long takes no more runs


def enter(database: Database, worker_id: str, slots: int, sandbox: str) -> None:
    """Write this process down as a living worker."""
    with database.writing() as session:
        session.add(
            Worker(
                id=worker_id,
                host=socket.gethostname(),
                pid=os.getpid(),
                process=process_name(os.getpid()) or "",
                slots=slots,
                sandbox=sandbox,
            )
        )


def beat(database: Database, worker_id: str, warm_examiners: int = 0) -> bool:
    """Write down that the worker lives, and what it keeps warm; False if it has been marked as stopped."""
    with database.writing() as session:
        beaten = session.scalar(
            _if_living(worker_id).values(heartbeat_at=now(), warm_examiners=warm_examiners)
        )
        return beaten is not None


class Pulse:
    """When this worker last beat with success, by its own clock."""

    def __init__(self) -> None:
        self.beaten_s = time.monotonic()

    def is_stale(self) -> bool:
        """Whether the others may soon take this worker for dead."""
        return time.monotonic() - self.beaten_s > STALE_S


def mark_stopped(database: Database, worker_id: str) -> bool:
    """Write down that the worker is no more; False if that was known."""
    with database.writing() as session:
        marked = session.scalar(_if_living(worker_id).values(stopped_at=now()))
        return marked is not None


def _if_living(worker_id: str) -> Any:
    return sa.update(Worker).where(Worker.id == worker_id, Worker.stopped_at.is_(None)).returning(Worker.id)


class Watch:
    """One worker's view of the others' hearts; `look` every BEAT_S."""

    def __init__(self, database: Database, worker_id: str):
        self._database = database
        self._worker_id = worker_id
        self._seen: dict[str, tuple[datetime, int]] = {}  # worker → its last beat, and how often we found it

    def look(self) -> list[str]:
        """Return the workers that are dead and not marked as stopped."""
        with self._database.reading() as session:
            others = session.execute(
                sa.select(Worker.id, Worker.process, Worker.heartbeat_at).where(
                    Worker.stopped_at.is_(None), Worker.id != self._worker_id
                )
            ).all()
        seen: dict[str, tuple[datetime, int]] = {}
        for worker_id, _, beaten_at in others:
            before, looks = self._seen.get(worker_id, (None, 0))
            seen[worker_id] = (beaten_at, looks + 1 if beaten_at == before else 0)
        self._seen = seen
        return [
            worker_id
            for worker_id, process, _ in others
            if seen[worker_id][1] >= LOOKS_UNTIL_DEAD or is_known_dead(process)
        ]


def process_name(pid: int) -> str | None:
    """Return a name of the process with this number that no other ever has; None if it can't be read.

    It is made of the kernel's boot, the process numbers' namespace, the number, and when the process began.
    """
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = status.rpartition(")")[2].split()  # the program's name before it may hold anything
    state, began_at = fields[0], fields[19]
    alive = state not in ("Z", "X")  # dead, only not yet buried
    return f"{_machine()}/{pid}:{began_at if alive else 'dead'}"


def is_known_dead(process: str) -> bool:
    """Whether the process with this name ran on this very machine and is dead; False if we can't tell."""
    machine, _, rest = process.partition("/")
    if machine != _machine():
        return False
    pid = int(rest.partition(":")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's process: it is there, and may be the one or not
    found = process_name(pid)
    return found is not None and found != process


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return f"{boot}:{Path('/proc/self/ns/pid').stat().st_ino}"
