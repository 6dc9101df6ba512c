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

from grader import setting_values as values
from grader.errors import SettingsError

PREFIX = "GRADER_"
SETTINGS_FILE = "GRADER_SETTINGS"
CLIENT_VARIABLES = (
    "GRADER_TOKEN",
    "GRADER_SERVER",
    "GRADER_COURSE",
    "GRADER_CLIENT",
)  # `grader submit`'s, CI's
CHECKOUT = Path(__file__).resolve().parent.parent


def _default_data_dir() -> Path:
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "var"
    return Path.home() / ".local" / "share" / "grader"


def _about(doc: str, read: Callable[[str], Any]) -> dict[str, Any]:
    return {"doc": doc, "read": read}


@dataclass(frozen=True)
class Settings:
    """One installation's settings; `load_settings` makes it, nothing changes it."""

    data_dir: Path = field(
        default_factory=_default_data_dir,
        metadata=_about(
            "Where the grader keeps what it fetches and builds (MNIST, sandbox roots, logs), "
            "and people's repositories.",
            values.path,
        ),
    )
    mnist_dir: Path | None = field(
        default=None,
        metadata=_about(
            "Folder with the four MNIST IDX files, if you have them already; "
            "unset means that they are fetched into data_dir.",
            values.path,
        ),
    )
    sandbox: str = field(
        default="auto",
        metadata=_about(
            "The sandbox to grade in: docker, bubblewrap, or auto, "
            "which takes docker where an engine answers and bubblewrap elsewhere.",
            values.sandbox,
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
            values.path,
        ),
    )
    pool_size: int = field(
        default=1,
        metadata=_about(
            "How many examiners, each with its two sandboxes, are kept warm for the next submission.",
            values.count,
        ),
    )
    student_core: int | None = field(
        default=None,
        metadata=_about(
            "Number of the core that the timed MNIST runs are pinned to; unset means the last one.",
            values.core,
        ),
    )
    database_url: str = field(
        default="",
        metadata=_about(
            "Where the service keeps everything: an SQLAlchemy URL, sqlite:///… or postgresql+psycopg://…; "
            "unset means grader.sqlite in data_dir.",
            str,
        ),
    )
    public_url: str = field(
        default="http://127.0.0.1:8000",
        metadata=_about(
            "The address under which people reach the service; with https, cookies are sent over https only.",
            values.web_address,
        ),
    )
    listen: str = field(
        default="127.0.0.1:8000", metadata=_about("Address and port that the web server listens on.", str)
    )
    web_threads: int = field(
        default=16,
        metadata=_about(
            "How many requests of pages and programs the web server works on at once. Each of its threads, "
            "those of git_at_once too, may hold two database connections.",
            values.count,
        ),
    )
    trusted_proxies: int = field(
        default=0,
        metadata=_about(
            "How many reverse proxies stand in front; only that many X-Forwarded-For entries are believed.",
            values.number,
        ),
    )
    secret_key: str = field(
        default="",
        metadata=_about(
            "What sessions are signed with, 32 characters or more; unset means one that is made once "
            "and kept in data_dir.",
            str,
        ),
    )
    worker_slots: int = field(
        default=1, metadata=_about("How many submissions one worker grades at once.", values.count)
    )
    api_requests_per_minute: int = field(
        default=240, metadata=_about("How many API requests a token may make in a minute.", values.count)
    )
    uploads_per_minute: int = field(
        default=10, metadata=_about("How many hand-ins a person may upload in a minute.", values.count)
    )
    git_at_once: int = field(
        default=64,
        metadata=_about(
            "How many pushes and fetches the web server works on at once, in threads beside web_threads.",
            values.count,
        ),
    )
    git_push_mib: int = field(default=32, metadata=_about("How large one push may be, in MiB.", values.count))
    git_repository_mib: int = field(
        default=256,
        metadata=_about("How large a person's repository for a unit may become, in MiB.", values.count),
    )
    git_follow_s: int = field(
        default=300,
        metadata=_about("For how many seconds a push shows its grading; the grading goes on.", values.number),
    )
    metrics_token: str = field(
        default="",
        metadata=_about(
            "Bearer token that /metrics asks for; unset means that it answers this machine's requests only.",
            str,
        ),
    )
    log_format: str = field(
        default="text",
        metadata=_about("How logs are written: text for people, json for programs.", values.log_format),
    )
    oidc_issuer: str = field(
        default="",
        metadata=_about(
            "Address of the OpenID Connect provider people may sign in with; unset means none.", str
        ),
    )
    oidc_client_id: str = field(default="", metadata=_about("This service's name at that provider.", str))
    oidc_client_secret: str = field(
        default="", metadata=_about("This service's secret at that provider.", str)
    )
    oidc_label: str = field(
        default="university account", metadata=_about("What people call their account there.", str)
    )
    outbound_private_origins: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "Origins that webhooks and fetches may reach although they are private or plain http, separated "
            "by commas: for development, and for hosts of one's own network.",
            values.origins,
        ),
    )
    repository_hosts: tuple[tuple[str, str], ...] = field(
        default=(
            ("github", "https://github.com"),
            ("gitlab", "https://gitlab.com"),
            ("gitea", "https://codeberg.org"),
        ),
        metadata=_about(
            "Hosts whose pushes are taken as hand-ins, separated by commas: github, gitlab or gitea, "
            "an equals sign, and the host's origin.",
            values.repository_hosts,
        ),
    )
    require_sandboxes: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "For the project's own tests: the sandboxes that must be exercised, separated by commas. "
            "If any is named, a skipped test counts as failed.",
            values.sandboxes,
        ),
    )

    @property
    def database(self) -> str:
        """The database's URL, whether set or not."""
        return self.database_url or f"sqlite:///{self.data_dir / 'grader.sqlite'}"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that `environ` and its settings file ask for.

    Raises SettingsError for an unknown name (naming the nearest), a malformed value, or
    a settings file that can't be read.
    """
    given: dict[str, tuple[str, str]] = {}  # name → (text, where it was said)
    settings_file = environ.get(SETTINGS_FILE, "")
    if settings_file:
        given.update(_from_file(values.path(settings_file)))
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
        if not variable.startswith(PREFIX) or variable in (SETTINGS_FILE, *CLIENT_VARIABLES) or text == "":
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
