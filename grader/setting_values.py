"""How the text of a setting is read: a function per kind of value; ValueError says what was expected."""

from __future__ import annotations

import re
from pathlib import Path

SANDBOXES = ("docker", "bubblewrap")
REPOSITORY_HOST_KINDS = ("github", "gitlab", "gitea")


def path(text: str) -> Path:
    """Return the path, absolute; `~` is one's home."""
    return Path(text).expanduser().absolute()


def sandbox(text: str) -> str:
    """Return the name of a sandbox, or auto."""
    if text not in ("auto", *SANDBOXES):
        raise ValueError(f"expected auto, {' or '.join(SANDBOXES)}")
    return text


def count(text: str) -> int:
    """Return a whole number from 1 on."""
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise ValueError("expected a whole number, 1 or more")
    return int(text)


def core(text: str) -> int:
    """Return the number of a core."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("expected a core's number, 0 or more")
    return int(text)


def number(text: str) -> int:
    """Return a whole number from 0 on."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("expected a whole number, 0 or more")
    return int(text)


def web_address(text: str) -> str:
    """Return an address of the web, without a slash at its end."""
    if not text.startswith(("http://", "https://")):
        raise ValueError("expected an address that begins with http:// or https://")
    return text.rstrip("/")


def log_format(text: str) -> str:
    """Return the name of a form of logs."""
    if text not in ("text", "json"):
        raise ValueError("expected text or json")
    return text


def sandboxes(text: str) -> tuple[str, ...]:
    """Return names of sandboxes, separated by commas."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not set(names) <= set(SANDBOXES):
        raise ValueError(f"expected names among {', '.join(SANDBOXES)}")
    return names


def origin(text: str) -> str:
    """Return scheme, host and port of a web server, the port only if it is not the usual one."""
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?", text):
        raise ValueError("expected origins such as http://127.0.0.1:3000, in lower case and without a path")
    return text.removesuffix(":443" if text.startswith("https:") else ":80")


def origins(text: str) -> tuple[str, ...]:
    """Return origins, separated by commas."""
    return tuple(origin(entry.strip()) for entry in text.split(",") if entry.strip())


def repository_hosts(text: str) -> tuple[tuple[str, str], ...]:
    """Return (kind, origin) of hosts of repositories, written as kind=origin and separated by commas."""
    hosts = []
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        kind, equals, address = entry.partition("=")
        if not equals or kind not in REPOSITORY_HOST_KINDS:
            kinds = ", ".join(REPOSITORY_HOST_KINDS)
            raise ValueError(f"expected entries such as gitlab=https://gitlab.com; kinds: {kinds}")
        hosts.append((kind, origin(address)))
    return tuple(hosts)
