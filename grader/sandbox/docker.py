"""Sandboxes as Docker containers.

Theory of operation. Each launch leases a user id nobody else has, so that what the kernel counts by
user is no neighbour's, makes a listening unix socket in the lease, and a container that sees only
that socket's folder, read-only. The program connects to the socket; exactly one
connection is accepted, it must come from the container's process 1, and the socket is removed.
Then the container's layers are read back from the kernel. The engine must run on this machine,
since the socket and the kernel's accounting are reached directly.
"""

from __future__ import annotations

import contextlib
import functools
import random
import select
import socket
import struct
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.utils.socket import next_frame_header, read_exactly

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox import docker_container, docker_host, docker_image, lease, teardown, verification
from grader.sandbox.cgroup import Cgroup, host_cores
from grader.sandbox.docker_container import MACHINE_LABEL, OWNER_LABEL, NameTaken
from grader.sandbox.interface import HOST_PROGRAM, Finding, Limits, Progress, Usage, silent

UIDS = range(59001, 60000)
NAMES_TRIED = 8  # another grader with this engine may have a container of the same name
LEASE_PREFIX = "docker-"
CONNECT_TIMEOUT_S = 60.0
REMOVALS, REMOVAL_PAUSE_S = 5, 0.2


class DockerSandbox:
    """One running container; see `Sandbox` for the contract."""

    def __init__(self, container: Container, owned: lease.Lease, control: socket.socket, pid: int):
        self.control = control
        self.pid = pid
        self._container = container
        self._lease = owned
        self._cgroup = Cgroup.of_process(pid)
        self._last_usage = self._cgroup.usage()
        self._closed = False

    def usage(self) -> Usage:
        """See `Sandbox.usage`."""
        if self._closed:
            raise SandboxError("The sandbox is closed.")
        try:
            self._last_usage = self._cgroup.usage()
        except OSError:  # the engine removes the group as soon as process 1 ends
            self._last_usage = self._usage_after_death()
        return self._last_usage

    def pin(self, core: int | None) -> None:
        """See `Sandbox.pin`."""
        cores = host_cores() if core is None else str(core)
        try:
            self._container.update(cpuset_cpus=cores)
            pinned = self._cgroup.cores()
        except (APIError, OSError) as error:
            raise SandboxError(f"The sandbox could not be pinned to core {cores}: {error}") from error
        if pinned != cores:
            raise SandboxError(f"The sandbox may use cores {pinned}, not {cores}.")

    def alive(self) -> bool:
        """See `Sandbox.alive`."""
        return not self._closed and bool(self._cgroup.members())

    def close(self) -> None:
        """See `Sandbox.close`."""
        if self._closed:
            return
        self.control.close()
        _remove(self._container)
        teardown.release(self._lease, _uid(self._lease), self._cgroup)
        self._closed = True

    def _usage_after_death(self) -> Usage:
        self._container.reload()
        last = self._last_usage
        killed = bool(self._container.attrs["State"]["OOMKilled"])
        return Usage(last.cpu_s, last.memory_bytes, max(last.oom_kills, int(killed)), last.pids_refused)


class DockerBackend:
    """Launches containers of the student image; see `Backend` for the contract.

    `data_dir` keeps the wheelhouse; `base_image` is what the student image is built on.
    """

    name = "docker"

    def __init__(self, data_dir: Path, base_image: str = docker_image.DEFAULT_BASE):
        self._data_dir = data_dir
        self._base_image = base_image

    @functools.cached_property
    def _client(self) -> docker.DockerClient:
        client = docker_host.connect()
        weakref.finalize(self, client.close)
        return client

    def findings(self) -> list[Finding]:
        """See `Backend.findings`."""
        try:
            info = self._client.info()
        except SandboxUnavailable as error:
            return [Finding("Docker engine", False, error.problem, error.fix)]
        return docker_host.findings(info)

    def prepared(self) -> Finding:
        """See `Backend.prepared`."""
        if self.engine_answers() and docker_image.has_image(self._client, self._image):
            return Finding("student image", True, self._image)
        return Finding("student image", False, f"{self._image} is not built yet", "make setup")

    def engine_answers(self) -> bool:
        """Whether a Docker engine can be reached at all."""
        with contextlib.suppress(SandboxUnavailable):
            return bool(self._client.ping())
        return False

    def prepare(self, progress: Progress = silent) -> None:
        """See `Backend.prepare`."""
        self.remove_leftovers()
        docker_image.build(self._client, self._base_image, self._image, self._data_dir, progress)

    def digest(self) -> str:
        """See `Backend.digest`."""
        self._require_image()
        return str(self._client.images.get(self._image).id)

    def launch(self, limits: Limits, program: Sequence[str] = HOST_PROGRAM) -> DockerSandbox:
        """See `Backend.launch`."""
        self._require_image()
        for _ in range(NAMES_TRIED):
            with contextlib.suppress(NameTaken):
                return self._launch(limits, program)
        raise SandboxError("Too many sandboxes at once: no free name is left.")

    def _launch(self, limits: Limits, program: Sequence[str]) -> DockerSandbox:
        owned = lease.take(f"{LEASE_PREFIX}{uid}" for uid in random.sample(UIDS, len(UIDS)))
        with contextlib.ExitStack() as undo:
            undo.callback(owned.release)
            try:
                with contextlib.ExitStack() as temporary:
                    listener = temporary.enter_context(_listen(owned.folder / "control"))
                    container = docker_container.create(
                        self._client, self._image, owned.name, owned.folder, _uid(owned), limits, program
                    )
                    undo.callback(_remove, container)
                    # What process 1 says in case it ends before it connects; later nobody listens.
                    complaints = container.attach_socket(params={"stderr": 1, "stdout": 1, "stream": 1})
                    temporary.callback(_detach, complaints)
                    container.start()
                    control = _accept(listener, container, complaints)
                    undo.callback(control.close)
                (owned.folder / "control" / "host.sock").unlink()
                container.reload()
                pid = int(container.attrs["State"]["Pid"])
                self._verify(container, pid, control, _uid(owned), limits)
                sandbox = DockerSandbox(container, owned, control, pid)
            except (APIError, DockerException, OSError) as error:
                raise SandboxError(f"The container could not be started: {error}") from error
            undo.pop_all()
        return sandbox

    def remove_leftovers(self) -> list[str]:
        """Remove the containers and folders of dead graders; return what was removed."""
        labels = [f"{MACHINE_LABEL}={socket.gethostname()}", OWNER_LABEL]
        removed = []
        with lease.dead(LEASE_PREFIX) as taken_over:
            folders = {gone.folder for gone in taken_over}
            for container in self._client.containers.list(
                all=True, filters={"label": labels}, ignore_removed=True
            ):
                folder = Path(container.labels[OWNER_LABEL])
                ours = folder.parent == lease.leases_folder()
                if ours and (folder in folders or not folder.exists()) and _remove(container):
                    removed.append(f"container {container.name}")
            for gone in taken_over:
                gone.release()
                removed.append(f"folder {gone.folder}")
        return removed

    @functools.cached_property
    def _image(self) -> str:
        # Read off the files only once, so that all sandboxes of one grader run the same host.
        return docker_image.image_tag(self._base_image)

    def _require_image(self) -> None:
        if not docker_image.has_image(self._client, self._image):
            raise SandboxUnavailable(f"The student image {self._image} is not built yet.", "make setup")

    def _verify(
        self, container: Container, pid: int, control: socket.socket, uid: int, limits: Limits
    ) -> None:
        peer, _, _ = struct.unpack("3i", control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if peer != pid:
            raise SandboxError(f"Process {peer} connected, which is not the container's process 1 ({pid}).")
        verification.check_process(pid, uid, limits, docker_container.PLACES)
        host = container.attrs["HostConfig"]
        for option, value in (("NetworkMode", "none"), ("ReadonlyRootfs", True), ("IpcMode", "private")):
            if host[option] != value:
                raise SandboxUnavailable(
                    f"The engine ignored {option}={value} (it says {host[option]}).",
                    "update the Docker engine",
                )


def _uid(owned: lease.Lease) -> int:
    return int(owned.name.removeprefix(LEASE_PREFIX))


def _listen(folder: Path) -> socket.socket:
    """Listen in a folder that other users may enter; the lease around it is closed to them."""
    folder.mkdir()
    folder.chmod(0o755)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / "host.sock"))
    (folder / "host.sock").chmod(0o666)
    listener.listen(1)
    return listener


def _accept(listener: socket.socket, container: Container, complaints: Any) -> socket.socket:
    """Wait for the program's connection; SandboxError with its complaints if it ends before."""
    said = b""
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([listener, complaints], [], [], left)
        if listener in ready:
            control, _ = listener.accept()
            return control
        if ready:
            _, length = next_frame_header(complaints)
            if length < 0:  # the container ended
                break
            said += read_exactly(complaints, length)
    container.reload()
    state = container.attrs["State"]
    raise SandboxError(
        f"The program in the container did not connect ({state['Status']}, exit code {state['ExitCode']}):"
        f"\n{said[-2000:].decode(errors='replace').strip()}"
    )


def _detach(complaints: Any) -> None:
    """Close an attached stream: the file object, its socket and the response that it came from."""
    connection = complaints._sock
    complaints._response.close()
    connection.close()


def _remove(container: Container) -> bool:
    """Kill and remove a container and wait until it is gone; False if it was gone already.

    The engine gives a container with many processes little time to die: SandboxError after REMOVALS tries.
    """
    for tried in range(1, REMOVALS + 1):
        try:
            container.remove(force=True, v=True)
        except NotFound:
            return False
        except APIError as error:
            if tried == REMOVALS:
                raise SandboxError(f"The container could not be removed: {error}") from error
            time.sleep(REMOVAL_PAUSE_S)
        else:
            break
    return True
