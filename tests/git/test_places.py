"""So many at once and no more; who comes later is told, and pages go on."""

import itertools
import threading

import pytest

from grader.git import receiving
from grader.git.places import EACH, Places, Turns
from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World


def test_places_come_to_an_end_and_back():
    places = Places(3)
    leave = [places.take(person) for person in (1, 2, 3)]
    assert all(leave) and places.take(4) is None
    assert leave[0] is not None
    leave[0]()
    leave[0]()
    assert places.take(4) is not None
    assert places.take(5) is None


def test_one_person_does_not_take_all():
    places = Places(100)
    assert all(places.take(1) for _ in range(EACH))
    assert places.take(1) is None
    assert places.take(2) is not None


def test_a_person_has_one_turn_at_a_time():
    turns = Turns(3)
    assert turns.take(1, 0) and not turns.take(1, 0)
    assert turns.take(2, 0) and turns.take(3, 0)
    assert not turns.take(4, 0)
    turns.give_back(1)
    assert turns.take(4, 0) and not turns.take(1, 0)


def take_all_turns(site: Site) -> list[int]:
    """Let other people take all turns; return who they are."""
    people = itertools.takewhile(
        lambda person: site.places().receiving.take(person, 0), itertools.count(1000)
    )
    return list(people)


def test_who_finds_no_place_is_told(site: Site, world: World, ada: Workplace):
    ada.commit()
    places = site.places()
    while places.take(world.ben.id):
        pass
    while places.take(-1) or places.take(-2):
        pass
    for number in range(site.settings.git_at_once):
        places.take(1000 + number)
    pushed = ada.push()
    assert pushed.code == 128
    assert any("Too many are pushing or fetching right now" in line for line in pushed.remote), pushed.said


def test_pushes_wait_for_their_turn(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(receiving, "KEEP_ALIVE_S", 0.05)
    others = take_all_turns(site)
    ada.commit()
    process = ada.start("push", "grader", "main")
    assert process.stderr is not None
    lines = iter(process.stderr)
    assert any("Waiting for a turn" in line for line in lines)
    site.places().receiving.give_back(others[0])
    assert any("Handed in as number 1" in line for line in lines)
    assert process.wait(60) == 0
    process.stderr.close()


def test_who_waits_too_long_for_a_turn_is_told(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(receiving, "KEEP_ALIVE_S", 0.01)
    monkeypatch.setattr(receiving, "TURN_S", 0.02)
    take_all_turns(site)
    ada.commit()
    pushed = ada.push()
    assert pushed.code == 1
    assert "Too many are pushing right now. Please push again in a minute." in pushed.remote
    assert site.submissions(world.ada) == []


def test_only_so_many_show_their_grading(site: Site, world: World, ada: Workplace):
    site.follow_for(3600)
    while site.places().showing.acquire(blocking=False):
        pass
    ada.commit()
    pushed = ada.push()
    assert pushed.code == 0
    assert "Many are pushing right now: follow the grading on that page." in pushed.remote


def test_every_place_is_given_back(site: Site, world: World, ada: Workplace):
    ada.commit()
    threads = [threading.Thread(target=ada.git, args=("ls-remote", "grader")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ada.push()
    ada.push("--force", "HEAD:refs/notes/x")
    assert site.places_taken() == 0
