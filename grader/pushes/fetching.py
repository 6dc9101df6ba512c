"""Fetching one commit from a repository elsewhere, by git with everything off that is not needed.

git works in an empty repository made for the purpose, and is told everything in its environment, so no file
on this machine and nothing in the repository configures it. It speaks https only, to the address that
`outbound` judged (pinned in curl), follows no redirect, asks nobody for a password, runs no hook,
and fetches no submodule. Filters and LFS have no part in it, since nothing is checked out. Time, memory and
the size of what is fetched are bounded. Its files are then read by `submissions.git_reader`, as those of any
repository.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import ipaddress
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader import git_sandbox
from grader.errors import OutboundError, RejectedError, UsageError
from grader.git_sandbox import Access
from grader.outbound.client import Location, Outbound
from grader.submissions.git_isolation import isolated_environment
from grader.submissions.git_reader import read_commit
from grader.submissions.intake import Intake
from grader.submissions.limits import MIB, IntakeLimits

FETCH_S = 60.0
CPU_S = 60
STALLED_S = 15  # a transfer slower than SLOW_BYTES_PER_S for so long is ended
SLOW_BYTES_PER_S = 1000
PACK_BYTES = 64 * MIB
MEMORY_BYTES = 1024 * MIB
HISTORY_COMMITS = 1000
MAX_SAID_CHARACTERS = 300
OLDEST_GIT = (2, 37)  # older ones take no note of http.curloptResolve: they would ask any address
# The kernel's caps hold for git's own helpers, too, whatever becomes of us.
CAPPED = 'ulimit -v {memory_kib}; ulimit -f {blocks}; ulimit -t {cpu_s}; ulimit -c 0; exec git "$@"'
CONFIGURATION = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.unpackLimit": "1",  # one pack, whose size is capped
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "http.followRedirects": "false",
    "http.proxy": "",
    "http.sslVerify": "true",
    "http.lowSpeedLimit": str(SLOW_BYTES_PER_S),
    "http.lowSpeedTime": str(STALLED_S),
    "protocol.allow": "never",
    "protocol.version": "2",
}

Credentials = tuple[str, str]  # user name and password


class Fetcher:
    """Fetches commits from repositories that `outbound` lets us ask. Threads may share one."""

    def __init__(self, outbound: Outbound):
        self._outbound = outbound

    def files_of(self, url: str, commit: str, credentials: Credentials | None) -> dict[str, bytes]:
        """Return the files of exactly this commit (40 hexadecimal digits) of the repository.

        Raises RejectedError for what intake does not take, OutboundRefused if the host may not be asked, and
        OutboundError if the commit can't be fetched.
        """
        intake = Intake(IntakeLimits())
        with self._repository(url, credentials) as git:
            git.fetch(commit, "--depth=1")
            read_commit(git.objects, commit, intake)
        if intake.rejections:
            raise RejectedError(intake.rejections)
        return intake.files

    def is_ancestor(self, url: str, older: str, newer: str, credentials: Credentials | None) -> bool:
        """Whether `newer` was made on top of `older`, among its latest thousand commits; raises as above."""
        with self._repository(url, credentials) as git:
            git.fetch(newer, f"--depth={HISTORY_COMMITS}", "--filter=tree:0")
            return older in git.run("rev-list", newer).decode().split()

    @contextmanager
    def _repository(self, url: str, credentials: Credentials | None) -> Iterator[_Git]:
        if not pins_addresses(git_version()):
            raise UsageError("Fetching pushed commits needs git 2.37 or newer on the grader's machine.")
        location = self._outbound.locate(f"{url}.git")
        with tempfile.TemporaryDirectory(prefix="grader-fetch-") as folder:
            yield _Git(Path(folder), location, credentials)


@functools.cache
def git_version() -> str:
    """Return what git says of its version, such as `2.39.5`; empty if there is no git."""
    try:
        said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""
    return said.removeprefix("git version ").strip()


def pins_addresses(version: str) -> bool:
    """Whether a git of this version connects to the address that it is told to, and to no other."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST_GIT


class _Git:
    def __init__(self, folder: Path, location: Location, credentials: Credentials | None):
        self._folder = folder
        self._place = location.place
        self._environment = _environment(folder, location, credentials)
        self.run("init", "--quiet", "--bare", "--template=", str(folder))
        self.objects = folder / "objects"

    def fetch(self, commit: str, *options: str) -> None:
        """Fetch the commit, and check that it is what has come."""
        url = f"{self._place.origin}{self._place.path}"
        self.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *options, "--", url, commit)
        if self.run("cat-file", "-t", commit).strip() != b"commit":
            raise OutboundError(f"{commit} is no commit.")

    def run(self, *arguments: str) -> bytes:
        """Return what git prints; OutboundError if it fails or takes too long."""
        limits = CAPPED.format(memory_kib=MEMORY_BYTES // 1024, blocks=PACK_BYTES // 512, cpu_s=CPU_S)
        try:
            process = git_sandbox.start(
                ["/bin/sh", "-c", limits, "git", *arguments],
                Access(changes=[self._folder], network=arguments[0] == "fetch"),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise UsageError("Fetching pushed commits needs a shell.") from None
        try:
            output, errors = process.communicate(timeout=FETCH_S)
        except subprocess.TimeoutExpired:
            raise OutboundError(f"git took longer than {FETCH_S:.0f} seconds.") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if process.returncode:
            raise OutboundError(f"git {arguments[0]} failed: {_said(errors)}")
        return output


def _environment(folder: Path, location: Location, credentials: Credentials | None) -> dict[str, str]:
    place = location.place
    chosen = {**CONFIGURATION, f"protocol.{place.scheme}.allow": "always"}
    if _is_name(place.host):
        chosen["http.curloptResolve"] = f"{place.host}:{place.port}:{_pinned(location.addresses)}"
    if credentials is not None:
        pair = base64.b64encode(":".join(credentials).encode()).decode()
        chosen["http.extraHeader"] = f"Authorization: Basic {pair}"
    return {
        **isolated_environment(folder, chosen),
        "GIT_ALLOW_PROTOCOL": place.scheme,
        "GIT_DIR": str(folder),
    }


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def _pinned(addresses: tuple[str, ...]) -> str:
    """Return the addresses as curl takes them."""
    return ",".join(f"[{address}]" if ":" in address else address for address in addresses)


def _said(errors: bytes) -> str:
    """Return the last line that git said, fit to be shown: a hostile server may have put it there."""
    lines = [line for line in errors.decode("ascii", "replace").splitlines() if line.strip()]
    last = re.sub(r"[^\x20-\x7e]", "?", lines[-1]) if lines else "it said nothing"
    return last[:MAX_SAID_CHARACTERS]
