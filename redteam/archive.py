"""The channel for archives: what is uploaded, by page, API or git, is read by one reader.

The plain harness looks through the archive, unpacks it with what people use, and runs the tests in the
folder. Here it is read twice: in a process whose memory, time and opened files are watched, and by a
running service that it is uploaded to. Sandboxes have no part in it.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from redteam import host
from redteam.archive_payloads import archive_of
from redteam.attack import CHECKOUT, Attack, Outcome
from redteam.observation import Fired, Held
from redteam.plain.throwaway import run_in_throwaway
from redteam.site import RunningSite, running_site

MEMORY_BYTES = 256 * 1024**2  # more than a reader may ever take
CPU_S = 10.0
TIMEOUT_S = 120


class ArchiveChannel:
    """See `Channel`."""

    def __init__(self, site: RunningSite):
        self._site = site

    def plain(self, attack: Attack) -> Fired:
        """See `Channel.plain`."""
        token = secrets.token_hex(8)
        how = {"unpack": attack.payload.get("unpack", "unzip"), "token": token}
        found = run_in_throwaway("archive_harness.py", how, archive_of(attack, token))
        return Fired(
            attack.fires in found, found.get(attack.fires, f"nothing but {found}" if found else "nothing")
        )

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """See `Channel.grade`; `sandbox` has no part in it."""
        token = secrets.token_hex(8)
        data, before = archive_of(attack, token), host.traces(token)
        read = _read(data)
        breaches = list(_breaches(attack, read, token))
        uploaded = self._site.upload(data)
        if set(uploaded.codes) != set(read["codes"]):
            breaches.append(f"the service says {uploaded.codes}, its reader {read['codes']}")
        if uploaded.codes and uploaded.stored:
            breaches.append("what was refused is stored")
        breaches += sorted(f"ah: left on the host: {trace}" for trace in host.left_since(before, token))
        memory = read["memory_bytes"] / 1024**2
        seen = f"refused: {', '.join(dict.fromkeys(read['codes']))}" if read["codes"] else "taken without it"
        return Held(f"{seen}; {memory:.0f} MiB, {read['cpu_s']:.1f} s", tuple(breaches))


def _read(data: bytes) -> dict:  # type: ignore[type-arg]
    done = subprocess.run(
        [sys.executable, "-m", "redteam.archive_reader"],
        input=data,
        capture_output=True,
        cwd=CHECKOUT,
        timeout=TIMEOUT_S,
        check=True,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _breaches(attack: Attack, read: dict, token: str) -> Iterator[str]:  # type: ignore[type-arg]
    expected = attack.payload["codes"]
    if read["codes"]:
        if Outcome.REJECTED not in attack.outcomes or not set(expected) & set(read["codes"]):
            yield f"refused for another reason: {read['codes']}"
    elif Outcome.NO_EFFECT not in attack.outcomes:
        yield "it was taken"
    for name, content in read["files"].items():
        if token in content and not attack.payload.get("stays_data"):
            yield f"{name} is handed in, payload and all"
    for event in read["opened"]:
        yield f"the reader did {event}"
    if read["memory_bytes"] > MEMORY_BYTES:
        yield f"reading took {read['memory_bytes'] // 1024**2} MiB"
    if read["cpu_s"] > CPU_S:
        yield f"reading took {read['cpu_s']:.0f} s"


@contextmanager
def channel() -> Iterator[ArchiveChannel]:
    """Yield the channel, with a service that runs."""
    with running_site() as site:
        yield ArchiveChannel(site)
