"""The image of plain harnesses: the student image with pytest, which shares its process with the hand-in."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from pathlib import Path

import docker

from grader.sandbox import contents, docker_image
from grader.settings import Settings

PACKAGES = ("pytest", "pytest-json-report", "pytest-metadata", "iniconfig", "pluggy", "packaging", "pygments")
FILES = Path(__file__).parent
IMAGE_FILES = ("Dockerfile", "grade.sh")


def plain_image(client: docker.DockerClient, settings: Settings) -> str:
    """Return the tag of the image: this environment's pytest on today's student image, built if missing."""
    student_image = docker_image.image_tag(settings.docker_base_image)
    versions = [f"{name}=={importlib.metadata.version(name)}" for name in PACKAGES]
    made_from = contents.file_digest(
        *(FILES / name for name in IMAGE_FILES), extra=" ".join([student_image, *versions])
    )
    tag = f"grader-plain:{made_from[:16]}"
    if not docker_image.has_image(client, tag):
        with tempfile.TemporaryDirectory(prefix="grader-plain-") as name:
            for file_name in IMAGE_FILES:
                shutil.copyfile(FILES / file_name, Path(name) / file_name)
            _copy_packages(Path(name) / "packages")
            client.images.build(
                path=name, tag=tag, buildargs={"STUDENT_IMAGE": student_image}, rm=True, forcerm=True
            )
    return tag


def _copy_packages(target: Path) -> None:
    """Copy installed pure-Python packages: both sides run the same pytest, and no network is needed."""
    for name in PACKAGES:
        for file in importlib.metadata.files(name) or ():
            if file.parts[0] != ".." and "__pycache__" not in file.parts:
                (target / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target / file)
