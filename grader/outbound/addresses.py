"""Which addresses are plainly public. The tables follow IANA's registries of special-purpose addresses."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from grader.errors import OutboundError, OutboundRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

SPECIAL_V4 = {
    network: ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's own services, though public by number
        "169.254.0.0/16",  # link-local, and clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # name service of private addresses
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # name service of private addresses
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
}
# Of IPv6 only this is given out to the public. Outside it lie loopback, link-local, private and multicast
# addresses and every form that carries an IPv4 address, mapped and NAT64, but for those that follow.
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
SPECIAL_V6 = {
    network: ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols; Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "2620:4f:8000::/48",  # name service of private addresses
        "3fff::/20",  # documentation
    )
}


def is_public(address: Address) -> bool:
    """Whether this is an ordinary address of the public Internet, in its plain form."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in SPECIAL_V4.values())
    if address.scope_id is not None or address not in PUBLIC_V6:
        return False
    return not any(address in network for network in SPECIAL_V6.values())


def system_resolve(host: str, port: int) -> list[str]:
    """Return the addresses that this machine's resolver finds; OutboundError if it finds none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise OutboundError(f"The name {host} can't be resolved: {error}.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public_addresses(host: str, found: list[str]) -> tuple[str, ...]:
    """Return what was found for the host if all of it is public; OutboundRefused otherwise."""
    if not found:
        raise OutboundError(f"The name {host} has no address.")
    for text in found:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise OutboundRefused(f"{host} has the address {text!a}, which is none.") from None
        if not is_public(address):
            raise OutboundRefused(f"{host} has the address {text}, which is not a public one.")
    return tuple(found)
