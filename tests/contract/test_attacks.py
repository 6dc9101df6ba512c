"""Every attack fires on a plain harness, and is contained here, in each sandbox that this machine offers.

The same attacks as `make redteam`, as tests: `-k A/os-exit` runs one of them.
"""

from collections.abc import Iterator

import pytest

from grader.setting_values import SANDBOXES
from redteam.attack import Attack, load_attacks
from redteam.channels import Channels
from redteam.observation import NotRun
from redteam.running import HERE, WITHOUT_SANDBOX

ATTACKS = load_attacks()
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
