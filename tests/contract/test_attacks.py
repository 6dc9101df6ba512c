"""Every attack fires on a plain harness, and is contained here, in each sandbox that this machine offers.

One attack for each line of the corpus; with GRADER_EVERY_ATTACK=1 all of them, as `make redteam` runs them.
"""

import os
from collections.abc import Iterator

import pytest

from grader.setting_values import SANDBOXES
from redteam.attack import Attack, load_attacks
from redteam.channels import Channels
from redteam.observation import NotRun
from redteam.running import HERE, WITHOUT_SANDBOX


def chosen() -> list[Attack]:
    """One attack for each line of the corpus, the first by name, or all of them.

    Those on the timed run take minutes and a quiet machine: they are for `make redteam`.
    """
    attacks = load_attacks()
    if os.environ.get("GRADER_EVERY_ATTACK"):
        return attacks
    first = {
        (attack.section, line): attack
        for attack in reversed(attacks)
        for line in attack.lines
        if attack.channel != "mnist"
    }
    return sorted({attack.name: attack for attack in first.values()}.values(), key=lambda each: each.name)


ATTACKS = chosen()
PLACES = [
    pytest.param(attack, place, id=f"{attack.name}-{place}")
    for attack in ATTACKS
    for place in ([HERE] if attack.channel in WITHOUT_SANDBOX else SANDBOXES)
]


@pytest.fixture(scope="module")
def channels() -> Iterator[Channels]:
    """All channels, each set up when an attack first needs it."""
    with Channels() as opened:
        yield opened


@pytest.mark.parametrize("attack", [pytest.param(attack, id=attack.name) for attack in ATTACKS])
def test_it_fires_on_a_plain_harness(attack: Attack, channels: Channels):
    try:
        fired = channels.named(attack.channel).plain(attack)
    except NotRun as reason:
        pytest.skip(str(reason))
    assert fired.fired, fired.seen


@pytest.mark.parametrize(("attack", "place"), PLACES)
def test_it_is_contained(attack: Attack, place: str, channels: Channels):
    try:
        held = channels.named(attack.channel).grade(attack, place)
    except NotRun as reason:
        pytest.skip(str(reason))
    assert held.breaches == (), held.seen
