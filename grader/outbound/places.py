"""Addresses as people type them: `https://name[:port]/path`, and nothing cleverer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.errors import OutboundRefused

MAX_CHARACTERS = 2_000
PATH = r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
QUERY = r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{{0,4}}))?(?P<rest>{PATH}{QUERY})"
)
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label is a word: forms of numbers (2130706433, 0x7f.1, 127.0.0.1) are no names.
NAME = re.compile(rf"(?:{LABEL}\.)+(?!0x)(?=[a-z])[a-z0-9-]*[a-z0-9]")
LOCAL_ENDINGS = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home.arpa",
    ".arpa",
)
DEFAULT_PORTS = {"https": 443, "http": 80}
LOWEST_OTHER_PORT = 1024  # below are services that are not web servers


@dataclass(frozen=True)
class Place:
    """Where a request goes. `host` is lower case; `path` holds the query, too, and begins with `/`."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port only if it is not the usual one."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port, as the Host header says them."""
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


def read_place(text: str, private_origins: tuple[str, ...] = ()) -> Place:
    """Read an address; OutboundRefused, with the reason, unless it is plain and public, or listed."""
    place = parse(text)
    if place.origin in private_origins:
        return place
    if place.scheme != "https":
        raise OutboundRefused("The address must begin with https://.")
    if not NAME.fullmatch(place.host) or len(place.host) > 253:
        raise OutboundRefused("The address must name its host by a full name, such as hooks.example.org.")
    if place.host.endswith(LOCAL_ENDINGS):
        raise OutboundRefused(f"{place.host} is a name of a local network.")
    if place.port != 443 and place.port < LOWEST_OTHER_PORT:
        raise OutboundRefused(f"The port {place.port} is not one of a web server: 443, or from 1024 on.")
    return place


def parse(text: str) -> Place:
    """Read an address of any host; OutboundRefused if it is not of the plain form."""
    if len(text) > MAX_CHARACTERS:
        raise OutboundRefused(f"The address is longer than {MAX_CHARACTERS} characters.")
    scheme, colon, rest = text.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    path = rest.removeprefix(authority)
    found = ADDRESS.fullmatch(f"{scheme.lower()}{colon}{authority.lower()}{path}")
    if found is None:
        raise OutboundRefused(
            "The address must be a plain https://host/path, without user names, spaces or “#”."
        )
    port = int(found["port"] or DEFAULT_PORTS[found["scheme"]])
    if port > 65_535:
        raise OutboundRefused(f"There is no port {port}.")
    path = found["rest"]
    return Place(found["scheme"], found["host"], port, path if path.startswith("/") else f"/{path}")
