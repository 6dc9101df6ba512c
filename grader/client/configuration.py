"""Where to hand in, and as whom: options come first, then the environment, then the user's own file.

No file of the folder that is handed in is read for this: whoever wrote it could send the token elsewhere.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click

from grader.client.endings import Ending, Exit

TOKEN, SERVER, COURSE = "GRADER_TOKEN", "GRADER_SERVER", "GRADER_COURSE"
KEYRING_SERVICE = "grader"
_KEYS = {"server", "course"}


def configuration_file() -> Path:
    """Return the place of the user's own file."""
    return Path(click.get_app_dir("grader")) / "client.toml"


def read_configuration(path: Path) -> dict[str, str]:
    """Return the file's `server` and `course`; {} if there is no file. Ending if it makes no sense."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Ending(Exit.USAGE, f"{path} can't be read: {error}") from error
    if wrong := sorted(key for key, value in found.items() if key not in _KEYS or not isinstance(value, str)):
        raise Ending(Exit.USAGE, f"{path}: expected the texts server and course, not {', '.join(wrong)}")
    return found


def server_address(given: str | None, configured: Mapping[str, str], plain_http: bool) -> str:
    """Return the service's address without a slash at its end; Ending if there is none or it is unsafe."""
    text = (given or configured.get("server", "")).rstrip("/")
    if not text:
        raise Ending(
            Exit.USAGE,
            f"Which service? Use --server ADDRESS, or set {SERVER}, or name it in {configuration_file()}.",
        )
    try:
        parts = urlsplit(text)
        _ = parts.port, (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise Ending(Exit.USAGE, f"{text} is not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise Ending(Exit.USAGE, f"{text} is not an address such as https://grader.example.org.")
    if parts.scheme == "http" and not plain_http and not is_this_machine(parts.hostname):
        raise Ending(
            Exit.USAGE,
            f"{text} has no https: others could read the token on its way. --plain-http allows it.",
        )
    return text


def find_token(server: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the token for this server, from the environment or the keyring; Ending if there is none."""
    token = environ.get(TOKEN, "").strip() or _from_keyring(server)
    if not token:
        raise Ending(
            Exit.NOT_AUTHORIZED,
            f"There is no token. Make one on the page of your account ({server}/account), with the scope "
            f"submit, and set {TOKEN} to it, or store it: keyring set {KEYRING_SERVICE} {server}",
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise Ending(Exit.NOT_AUTHORIZED, "The token holds characters that no token has. Copy it again.")
    return token


def _from_keyring(server: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return ""
    try:
        return (keyring.get_password(KEYRING_SERVICE, server) or "").strip()
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return ""  # a machine without a desktop has no keyring to ask


def is_this_machine(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
