"""Settings: what may differ from one installation to the next, read once at the start.

Theory of operation. Every setting is a field of `Settings`, with its meaning, its default
and the function that reads its text in one place. A value comes from the environment
(`GRADER_POOL_SIZE=2`), else from the TOML file that `GRADER_SETTINGS` names (`pool_size = 2`),
else it is the default. A name that is no setting is an error that names the nearest one, so
that a misspelt setting never passes for a default. `docs/reference/settings.md` lists them all.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from grader.errors import SettingsError

PREFIX = "GRADER_"
SETTINGS_FILE = "GRADER_SETTINGS"
SANDBOXES = ("docker", "bubblewrap")
CHECKOUT = Path(__file__).resolve().parent.parent


def _default_data_dir() -> Path:
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "var"
    return Path.home() / ".local" / "share" / "grader"


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _sandbox(text: str) -> str:
    if text not in ("auto", *SANDBOXES):
        raise ValueError(f"expected auto, {' or '.join(SANDBOXES)}")
    return text


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise ValueError("expected a whole number, 1 or more")
    return int(text)


def _core(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("expected a core's number, 0 or more")
    return int(text)


def _sandboxes(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not set(names) <= set(SANDBOXES):
        raise ValueError(f"expected names among {', '.join(SANDBOXES)}")
    return names


def _about(doc: str, read: Callable[[str], Any]) -> dict[str, Any]:
    return {"doc": doc, "read": read}


@dataclass(frozen=True)
class Settings:
    """One installation's settings; `load_settings` makes it, nothing changes it."""

    data_dir: Path = field(
        default_factory=_default_data_dir,
        metadata=_about(
            "Where the grader keeps what it fetches and builds: MNIST, sandbox roots, logs.", _path
        ),
    )
    mnist_dir: Path | None = field(
        default=None,
        metadata=_about(
            "Folder with the four MNIST IDX files, if you have them already; "
            "unset means that they are fetched into data_dir.",
            _path,
        ),
    )
    sandbox: str = field(
        default="auto",
        metadata=_about(
            "The sandbox to grade in: docker, bubblewrap, or auto, "
            "which takes docker where an engine answers and bubblewrap elsewhere.",
            _sandbox,
        ),
    )
    docker_base_image: str = field(
        default="python:3.11-slim",
        metadata=_about("The image with Python 3.11 that the docker sandbox is built on.", str),
    )
    units_root: Path = field(
        default=CHECKOUT,
        metadata=_about(
            "Folder that holds student_template/, reference/ and hidden_tests/, each with a folder per unit.",
            _path,
        ),
    )
    pool_size: int = field(
        default=1,
        metadata=_about(
            "How many examiners, each with its two sandboxes, are kept warm for the next submission.", _count
        ),
    )
    student_core: int | None = field(
        default=None,
        metadata=_about(
            "Number of the core that the timed MNIST runs are pinned to; unset means the last one.", _core
        ),
    )
    require_sandboxes: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "For the project's own tests: the sandboxes that must be exercised, separated by commas. "
            "If any is named, a skipped test counts as failed.",
            _sandboxes,
        ),
    )


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that `environ` and its settings file ask for.

    Raises SettingsError for an unknown name (naming the nearest), a malformed value, or
    a settings file that can't be read.
    """
    given: dict[str, tuple[str, str]] = {}  # name → (text, where it was said)
    settings_file = environ.get(SETTINGS_FILE, "")
    if settings_file:
        given.update(_from_file(_path(settings_file)))
    given.update(_from_environment(environ))
    return Settings(**{name: _read(name, *said) for name, said in given.items()})


def _read(name: str, text: str, where: str) -> Any:
    (setting,) = (f for f in fields(Settings) if f.name == name)
    try:
        return setting.metadata["read"](text)
    except ValueError as error:
        raise SettingsError(f"{where}: {name} = {text!r}: {error}") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    given = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable == SETTINGS_FILE or text == "":
            continue
        name = variable.removeprefix(PREFIX).lower()
        _check_name(name, variable, [PREFIX + f.name.upper() for f in fields(Settings)] + [SETTINGS_FILE])
        given[name] = (text, f"environment variable {variable}")
    return given


def _from_file(path: Path) -> dict[str, tuple[str, str]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{SETTINGS_FILE}: cannot read {path}: {error}") from error
    given = {}
    for name, value in content.items():
        _check_name(name, name, [f.name for f in fields(Settings)])
        if isinstance(value, list):
            value = ",".join(map(str, value))
        given[name] = (str(value), f"settings file {path}")
    return given


def _check_name(name: str, said: str, valid: list[str]) -> None:
    if name in {f.name for f in fields(Settings)}:
        return
    nearest = difflib.get_close_matches(said, valid, n=1, cutoff=0.0)[0]
    raise SettingsError(f"{said} is not a setting; did you mean {nearest}?")
