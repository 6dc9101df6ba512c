"""Addresses that an attacker types: as a repository to be linked, as a webhook, and straight into git's
hands.

Keys of `[payload]`: `urls`, in which `@PORT@` stands for a port where a listener of ours is; `names`, the
addresses of the attacker's names, answer by answer; `together`, all of them in one answer; `addresses`,
which the plain machine has; `checks_names`: the plain harness looks names up before; `redirects`: the first
machine sends on. Here each address is tried by http and by https.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import OutboundError, UsageError
from grader.outbound.client import Outbound, Request
from grader.pushes.fetching import Fetcher
from grader.pushes.links import read_repository
from redteam.attack import Attack
from redteam.listener import Listener
from redteam.observation import Fired, Held
from redteam.plain.throwaway import run_in_throwaway
from tests.pushes.git_host import serving_git

HOSTS = (("github", "https://github.com"),)
COMMIT = "0123456789" * 4


@dataclass
class Wires:
    """The attacker's names, and the wires, by which only loopback can be reached: `asked` are all addresses
    tried."""

    names: dict[str, list[list[str]]]
    together: bool
    looked_up: int = 0
    asked: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> list[str]:
        """Answer as the attacker's name server does."""
        if host not in self.names:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return [str(entry[4][0]) for entry in found]
        answers = self.names[host]
        if self.together:
            return [address for answer in answers for address in answer]
        self.looked_up += 1
        return answers[min(self.looked_up, len(answers)) - 1]

    def open_socket(self, address: tuple[str, int], timeout_s: float) -> socket.socket:
        """Connect, if it is to this machine."""
        self.asked.append(address[0])
        if not address[0].startswith("127."):
            raise ConnectionRefusedError("nobody is there")
        return socket.create_connection(address, timeout_s)


def plain(attack: Attack) -> Fired:
    """Let a plain harness ask the addresses."""
    token = secrets.token_hex(8)
    found = run_in_throwaway("url_harness.py", {**attack.payload, "token": token}, b"")
    return Fired(
        attack.fires in found, found.get(attack.fires, f"nothing but {found}" if found else "nothing")
    )


def grade(attack: Attack) -> Held:
    """Try the addresses on every way out that this grader has."""
    with tempfile.TemporaryDirectory(prefix="grader-redteam-") as name, Listener("127.0.0.1") as listener:
        proof = Path(name) / "proof"
        port = listener.address.rpartition(":")[2]
        tried, breaches = 0, list[str]()
        for text in attack.payload["urls"]:
            url = text.replace("@PORT@", port).replace("@PROOF@", str(proof)).replace("@TOKEN@", "token")
            for form in dict.fromkeys((url, url.replace("http://", "https://"))):
                tried += 1
                breaches += _tried(form, attack)
        if attack.payload.get("redirects"):
            breaches += _redirected(Path(name), listener)
        if listener.contacts():
            breaches.append("a machine inside was asked")
        if proof.exists():
            breaches.append("a program that the address names ran")
    return Held(f"refused: {tried} of {tried} addresses" if not breaches else "not refused", tuple(breaches))


def _tried(url: str, attack: Attack) -> Iterator[str]:
    wires = Wires(attack.payload.get("names", {}), attack.payload.get("together", False))
    outbound = Outbound(resolve=wires.resolve, open_socket=wires.open_socket)
    try:
        read_repository(url, HOSTS)
        yield f"{url} can be linked"
    except UsageError:
        pass
    try:
        outbound.send(Request("POST", url))
        yield f"{url} was asked by a webhook"
    except OutboundError:
        pass
    if not wires.asked:  # else the name was public, and what was asked is the address that was judged
        try:
            Fetcher(outbound).files_of(url, COMMIT, None)
            yield f"{url} was fetched"
        except OutboundError:
            pass
    if inside := [address for address in wires.asked if not ipaddress.ip_address(address).is_global]:
        yield f"{url} led to {inside[0]}"


def _redirected(folder: Path, listener: Listener) -> Iterator[str]:
    """A host that may be asked, and sends git on to the listener."""
    with serving_git(folder) as host:
        for path in ("/ada/nn.git/info/refs", "/hook"):
            host.redirects[path] = f"http://{listener.address}/moved"
        outbound = Outbound((host.origin,))
        try:
            Fetcher(outbound).files_of(f"{host.origin}/ada/nn", COMMIT, None)
            yield "the redirect was followed by git"
        except OutboundError:
            pass
        if outbound.send(Request("GET", f"{host.origin}/hook")).is_success:
            yield "the redirect was followed by a webhook"
