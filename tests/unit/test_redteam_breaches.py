"""What the red team calls a breach: each is seen when it happens, so that "contained" says something."""

from pathlib import Path
from typing import Any

import pytest

from grader.judging import result as results
from redteam import git_urls, submission
from redteam.attack import Attack, Outcome
from redteam.canary import Canary
from redteam.plain.mnist import PlainTraining, judged
from redteam.wire import Crossed
from tests.factories import make_result, make_test

HONEST = PlainTraining((0.85,), seconds=1.0, cpu_s=2.0, processes=2, neighbour_seconds=1.0)


def an_attack(channel: str, fires: str, **payload: Any) -> Attack:
    outcomes = (Outcome.REJECTED,)
    return Attack("D/one", "D", ("git-urls",), "", channel, outcomes, (), fires, Path("D/one"), payload)


@pytest.mark.parametrize(
    "address",
    ["127.8.8.8", "10.0.0.5", "169.254.169.254", "100.64.0.1", "::1", "::ffff:127.0.0.1", "fc00::1"],
)
def test_an_address_inside_that_is_asked(address: str, monkeypatch: pytest.MonkeyPatch):
    attack = an_attack("git", "listener", names={"one.example.org": [[address]]})
    url = "https://one.example.org:4321/x"
    assert list(git_urls._tried(url, attack)) == []
    monkeypatch.setattr("grader.outbound.client.public_addresses", lambda host, found: tuple(found))
    assert list(git_urls._tried(url, attack)) == [f"{url} led to {address}"]


def test_points_that_are_not_earned():
    base, result = (make_result(tests=(make_test(points=points),)) for points in (0.0, 5.0))
    assert len(list(submission._unearned(result, base))) == 1
    assert list(submission._unearned(base, base)) == []


def test_a_canary_that_crosses():
    canary = Canary.drawn()
    crossed = Crossed(bytearray(canary.text.encode()), bytearray(canary.text.encode()))
    test = make_test(outcome=results.Outcome.FAILED, points=0.0, message=canary.text)
    result = make_result(tests=(test,), mnist=None, pictures={})
    files = {"g2c/nn/one.py": canary.text[:1].encode()}  # a hand-in may hold any short word
    found = " ".join(submission._leaks(canary, crossed, files, result))
    places = ("what left the sandbox", "what entered the sandbox", "JSON", "JUnit", "HTML", "the terminal")
    assert [place for place in places if place not in found] == []


@pytest.mark.parametrize(
    ("fires", "changes"),
    [
        ("clock", {"seconds": 0.1}),
        ("neighbour", {"neighbour_seconds": 2.0}),
        ("unfinished", {"accuracies": ()}),
    ],
)
def test_a_training_fires_by_its_word(fires: str, changes: dict[str, Any]):
    attack = an_attack("mnist", fires)
    run = PlainTraining(**{**vars(HONEST), **changes})
    assert judged(attack, run, HONEST).fired
    assert not judged(attack, HONEST, HONEST).fired


def test_a_clock_that_is_fooled_about_nothing_learned_proves_nothing():
    idle = PlainTraining((0.1,), seconds=0.0, cpu_s=2.0, processes=2)
    assert not judged(an_attack("mnist", "clock"), idle, HONEST).fired
