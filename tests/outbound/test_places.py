"""Addresses as people type them: the plain ones are taken, every clever one is refused by its form alone."""

import json
from pathlib import Path

import pytest

from grader.errors import OutboundRefused
from grader.outbound.places import read_place

CASES = json.loads((Path(__file__).parent / "places.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES["refused by form"])
def test_a_clever_address_is_refused(name: str):
    with pytest.raises(OutboundRefused):
        read_place(CASES["refused by form"][name])


def test_an_endless_address_is_refused():
    with pytest.raises(OutboundRefused):
        read_place("https://hooks.example.org/" + "a" * 3000)


@pytest.mark.parametrize("name", CASES["taken"])
def test_a_plain_address_is_read(name: str):
    text, *expected = CASES["taken"][name]
    place = read_place(text)
    assert [place.scheme, place.host, place.port, place.path] == expected


@pytest.mark.parametrize("origin", ["http://127.0.0.1:3000", "http://localhost", "http://[::1]:80"])
def test_a_listed_origin_is_taken_and_no_other(origin: str):
    place = read_place(f"{origin}/in", (read_place(origin, (origin.removesuffix(":80"),)).origin,))
    assert place.path == "/in"
    for other in (
        f"{origin}1/in",
        "http://127.0.0.1:3001/in",
        "http://127.0.0.2:3000/in",
        "http://user@127.0.0.1:3000/",
    ):
        with pytest.raises(OutboundRefused):
            read_place(other, (origin,))
