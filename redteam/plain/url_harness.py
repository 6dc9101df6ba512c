# ruff: noqa: PTH100, PTH101, PTH103, PTH110, PTH112, PTH113, PTH114, PTH118, PTH120, PTH123, PTH207, PTH211, RUF100
"""The plain harness for addresses: looks whether one is forbidden, then has git clone it. Runs in a
throwaway.

Argument: JSON with `urls`, `token`, `names` (name → its addresses, answer by answer), `addresses` that this
machine has besides, `checks_names`, whether the course looks names up before, and `redirects`. Output: JSON
as the other harnesses have it.
"""

from __future__ import annotations

import fcntl
import http.server
import ipaddress
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))

from git_harness import SECRET, make_hidden_tests

PORT, PUBLIC_PORT = 8099, 8098
FORBIDDEN = re.compile(r"https?://(localhost|127\.0\.0\.1|192\.168\.0\.|metadata)")
SIOCSIFADDR, SIOCGIFINDEX, LOOPBACK_INDEX = 0x8916, 0x8933, 1


def main() -> None:
    """Run the harness; print the report."""
    settings = json.loads(sys.argv[1])
    make_hidden_tests()
    for number, address in enumerate(settings.get("addresses", [])):
        add_address(address, number)
    contacts = listen(PORT, None)
    if settings.get("redirects"):
        listen(PUBLIC_PORT, f"http://127.0.0.1:{PORT}/moved")
    found, asked = {}, 0
    for number, url in enumerate(settings["urls"]):
        before = len(contacts)
        url = (
            url.replace("@PORT@", str(PORT))
            .replace("@PROOF@", "/course/proof")
            .replace("@TOKEN@", settings["token"])
        )
        names = settings.get("names", {})
        look_up(names, 0)
        if not FORBIDDEN.match(url) and (not settings.get("checks_names") or all(map(is_public, names))):
            look_up(names, -1)
            clone(url, f"/course/clone{number}")
        asked += len(contacts) > before
        for folder, _, files in os.walk(f"/course/clone{number}"):
            for name in files:
                with open(f"{folder}/{name}", "rb") as file:
                    if SECRET.encode() in file.read():
                        found["linked"] = f"the clone of {url} holds the hidden tests"
    if asked == len(settings["urls"]):
        found["listener"] = f"{asked} of {asked} addresses reached a machine inside"
    elif asked:
        found["some"] = f"{asked} of {len(settings['urls'])} addresses reached a machine inside"
    if os.path.exists("/course/proof"):
        with open("/course/proof") as file:
            if settings["token"] in file.read():
                found["executed"] = "a program that the address names ran"
    print(json.dumps(found))


def add_address(text: str, number: int) -> None:
    """Give loopback another address, as if the machine were in that network."""
    address = ipaddress.ip_address(text)
    if address.version == 6:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCSIFADDR, address.packed + struct.pack("<Ii", 128, LOOPBACK_INDEX))
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = f"lo:{number}".encode().ljust(16, b"\0")
        fcntl.ioctl(control, SIOCSIFADDR, name + struct.pack("<HH4s8x", socket.AF_INET, 0, address.packed))


def listen(port: int, moved: str | None) -> list[str]:
    """Serve on all addresses; return a list that grows with each connection."""
    contacts: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if moved else 404)
            if moved:
                self.send_header("Location", moved)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        address_family = socket.AF_INET6
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
            contacts.append("tcp")
            connection, address = super().get_request()
            connection.settimeout(2)  # git's own protocol says nothing that ends a line
            return connection, address

    server = Server(("::", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return contacts


def look_up(names: dict[str, list[list[str]]], answer: int) -> None:
    """Let the names have these addresses from now on."""
    with open("/etc/hosts", "w") as file:
        for name, answers in names.items():
            file.writelines(f"{address} {name}\n" for address in answers[answer])


def is_public(name: str) -> bool:
    """What the course checks of a name: that its address is a public one."""
    return ipaddress.ip_address(socket.gethostbyname(name)).is_global


def clone(url: str, folder: str) -> None:
    """Clone as this course does; an address that is an option makes the next word the address."""
    words = [url, "/course/tests", folder] if url.startswith("-") else [url, folder]
    done = subprocess.run(["git", "clone", *words], capture_output=True, timeout=20, cwd="/course")
    print(url, done.stderr.decode()[-200:], file=sys.stderr)


if __name__ == "__main__":
    main()
