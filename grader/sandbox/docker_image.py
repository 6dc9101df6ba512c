"""The student image: packages first, the student host on top, built where it is missing.

Theory of operation. Two images, each tagged with a digest of all it is made from: the packages
(slow to build, rarely changed) and the student host on top of them (a second). The base is
pulled by name; where no registry is reachable, a Debian base is made with debootstrap. Wheels
come from a wheelhouse that the host fetched, so the build itself needs no network.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO

import docker
from docker.errors import APIError, BuildError, DockerException, ImageNotFound

from grader.errors import SandboxUnavailable
from grader.sandbox import contents
from grader.sandbox.interface import Progress

PACKAGES_RECIPE = contents.STUDENT_IMAGE / "Dockerfile"
HOST_RECIPE = contents.STUDENT_IMAGE / "host.Dockerfile"
DEFAULT_BASE = "python:3.11-slim"
LOCAL_BASE = "grader-base:bookworm"
BASE_SCRIPT = contents.STUDENT_IMAGE / "make_base.sh"


def image_tag(base: str) -> str:
    """Return the tag of the image that today's files make on this base."""
    host = contents.digest_of([*contents.host_files().items(), (HOST_RECIPE.name, HOST_RECIPE.read_bytes())])
    return f"grader-student:{contents.digest_of([(packages_tag(base), host.encode())])[:16]}"


def packages_tag(base: str) -> str:
    """Return the tag of the image below it, with the packages only."""
    recipe = (PACKAGES_RECIPE, contents.REQUIREMENTS, contents.INSTALLER)
    return f"grader-student-packages:{contents.file_digest(*recipe, extra=base)[:16]}"


def build(client: docker.DockerClient, base: str, tag: str, data_dir: Path, progress: Progress) -> None:
    """Build what is missing of the two images; `tag` is `image_tag(base)`.

    Raises SandboxUnavailable with the fix if that fails.
    """
    if has_image(client, tag):
        return
    if not has_image(client, packages_tag(base)):
        wheels = contents.wheelhouse(data_dir, progress)
        actual_base = _obtain_base(client, base, progress)
        progress("Building the image for student code (once, a few minutes)")
        with tempfile.TemporaryFile() as context:
            _write_packages_context(context, wheels)
            _build(client, context, packages_tag(base), {"BASE": actual_base})
    progress("Adding the student host to the image")
    with tempfile.TemporaryFile() as context:
        files = contents.host_files() | {"Dockerfile": HOST_RECIPE.read_bytes()}
        with tarfile.open(fileobj=context, mode="w") as tar:
            for name, content in files.items():
                _add(tar, name, content)
        _build(client, context, tag, {"PACKAGES": packages_tag(base)})


def has_image(client: docker.DockerClient, tag: str) -> bool:
    """Whether the engine holds an image of this tag."""
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def _obtain_base(client: docker.DockerClient, base: str, progress: Progress) -> str:
    if has_image(client, base):
        return base
    try:
        progress(f"Pulling {base}")
        client.images.pull(base)
        return base
    except DockerException as error:
        if has_image(client, LOCAL_BASE):
            progress(f"{base} can't be pulled; using the base made here, {LOCAL_BASE}")
            return LOCAL_BASE
        if shutil.which("debootstrap") is None:
            raise SandboxUnavailable(
                f"The base image {base} can't be pulled: {error}",
                f"docker pull {base}, or apt-get install debootstrap so that a base can be made here, "
                "or name an image with Python 3.11 that this engine has in GRADER_DOCKER_BASE_IMAGE",
            ) from error
    progress(f"{base} can't be pulled; making a Debian base with debootstrap (about a minute)")
    made = subprocess.run(["sh", str(BASE_SCRIPT), LOCAL_BASE], capture_output=True, text=True)
    if made.returncode:
        raise SandboxUnavailable(
            f"debootstrap could not make a base image:\n{(made.stdout + made.stderr).strip()[-2000:]}",
            f"run as root: sh {BASE_SCRIPT} {LOCAL_BASE}",
        )
    return LOCAL_BASE


def _write_packages_context(context: IO[bytes], wheels: Path) -> None:
    with tarfile.open(fileobj=context, mode="w") as tar:
        _add(tar, "Dockerfile", PACKAGES_RECIPE.read_bytes())
        _add(tar, contents.REQUIREMENTS.name, contents.REQUIREMENTS.read_bytes())
        _add(tar, contents.INSTALLER.name, contents.INSTALLER.read_bytes())
        for wheel in sorted(wheels.glob("*.whl")):
            tar.add(wheel, f"wheelhouse/{wheel.name}")


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _build(client: docker.DockerClient, context: IO[bytes], tag: str, arguments: dict[str, str]) -> None:
    context.seek(0)
    try:
        client.images.build(
            fileobj=context, custom_context=True, tag=tag, buildargs=arguments, rm=True, forcerm=True
        )
    except BuildError as error:
        log = "".join(str(line.get("stream", "")) for line in error.build_log)
        raise SandboxUnavailable(
            f"The image for student code could not be built: {error}\n{log.strip()[-2000:]}",
            "mend what the last lines name, then run `make setup` again",
        ) from error
    except APIError as error:
        raise SandboxUnavailable(
            f"The engine refused to build the image for student code: {error}",
            "mend what the engine says, then run `make setup` again",
        ) from error
