"""Which addresses are public: none that leads back to us, in whichever form."""

import ipaddress
import json
from pathlib import Path

import pytest

from grader.errors import OutboundError, OutboundRefused
from grader.outbound.addresses import is_public, public_addresses, system_resolve

CASES = json.loads((Path(__file__).parent / "addresses.json").read_text(encoding="utf-8"))
NOT_PUBLIC = [address for group in CASES["not public"].values() for address in group]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_plainly_public_is_refused(address: str):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(OutboundRefused):
        public_addresses("hooks.example.org", [address])


@pytest.mark.parametrize("address", CASES["public"])
def test_a_public_address_is_taken(address: str):
    assert public_addresses("hooks.example.org", [address]) == (address,)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_one_bad_address_among_good_ones_refuses_them_all(address: str):
    with pytest.raises(OutboundRefused):
        public_addresses("hooks.example.org", [CASES["public"][0], address])


@pytest.mark.parametrize("found", [["no address"], ["127.1"], ["0177.0.0.1"]])
def test_what_a_resolver_should_not_say_is_refused(found: list[str]):
    with pytest.raises(OutboundRefused):
        public_addresses("hooks.example.org", found)


def test_a_name_without_an_address_can_not_be_asked():
    with pytest.raises(OutboundError):
        public_addresses("hooks.example.org", [])
    with pytest.raises(OutboundError):
        system_resolve("nothing.invalid", 443)


def test_our_resolver_finds_loopback_which_is_then_refused():
    with pytest.raises(OutboundRefused):
        public_addresses("localhost", system_resolve("localhost", 443))
