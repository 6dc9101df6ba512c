"""Makes autograder.zip: the same checkout gives the same bytes."""

from __future__ import annotations

import io
import re
import shlex
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from grader.errors import GraderError
from grader.settings import CHECKOUT
from grader.units import LEFTOVERS, Unit

# What `grader grade` imports, and pytest, which runs the tests; what these need in turn, the lock pins.
PACKAGES = (
    *("click", "docker", "jinja2", "jsonschema", "markupsafe", "msgpack", "numpy", "pyseccomp"),
    *("pytest", "rich", "torch", "torchvision"),
)
SCRIPTS = ("setup.sh", "run_autograder")
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def autograder_zip(unit: Unit, torch_index: str = "") -> bytes:
    """Return the zip for one unit; `torch_index`: address of an index with smaller builds of torch."""
    if not (CHECKOUT / "pyproject.toml").is_file():
        raise GraderError("Exporting takes a checkout of the grader: run it there.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in SCRIPTS:
            _add(archive, name, _script(name, unit, torch_index), mode=0o755)
        _add(archive, "requirements.txt", "".join(f"{line}\n" for line in _requirements()).encode())
        for path in _checkout_files():
            _add(archive, path.relative_to(CHECKOUT).as_posix(), path.read_bytes())
        for kind, folder in (
            ("student_template", unit.template),
            ("reference", unit.reference),
            ("hidden_tests", unit.hidden_tests),
        ):
            for path in _files_below(folder):
                name = f"{kind}/{unit.name}/{path.relative_to(folder).as_posix()}"
                _add(archive, name, path.read_bytes())
    return buffer.getvalue()


def _script(name: str, unit: Unit, torch_index: str) -> bytes:
    template = resources.files("grader.gradescope").joinpath("templates", name).read_text(encoding="utf-8")
    return template.replace("@UNIT@", unit.name).replace("@TORCH_INDEX@", shlex.quote(torch_index)).encode()


def _requirements() -> list[str]:
    """Return the pins that pyproject.toml has for what the judge needs."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        listed: list[str] = tomllib.load(file)["project"]["dependencies"]
    pins = {re.split(r"[^\w-]", line)[0]: line for line in listed}
    return [pins[name] for name in PACKAGES]


def _checkout_files() -> Iterator[Path]:
    yield from (CHECKOUT / name for name in ("pyproject.toml", "requirements.lock", "docker/seccomp.json"))
    yield from _files_below(CHECKOUT / "docker" / "student")
    yield from _files_below(CHECKOUT / "grader")


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        is_leftover = path.suffix == ".pyc" or not set(path.parts).isdisjoint(LEFTOVERS)
        if path.is_file() and not path.is_symlink() and not is_leftover:
            yield path


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = zipfile.ZipInfo(name, _FIRST_ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix: what the mode means
    entry.external_attr = (0o100000 | mode) << 16
    archive.writestr(entry, content)
