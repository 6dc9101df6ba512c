"""Pushes at the same time to the same repository: each ends rightly or says why not."""

from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World
from tests.submissions.archives.packing import honest_tree


def test_of_two_from_the_same_point_one_is_taken(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    places = [site.workplace(world.ada, f"computer-{number}") for number in range(4)]
    commits = {}
    for number, place in enumerate(places):
        place.git("pull", "--quiet", "grader", "main")
        commits[number] = place.commit({"g2c/nn/loss.py": f"number = {number}\n".encode()})
    running = [place.start("push", "grader", "main") for place in places]
    said = [process.communicate(timeout=120)[1] for process in running]
    taken = [number for number, process in enumerate(running) if process.returncode == 0]
    assert len(taken) == 1, said
    assert site.head(world.ada) == commits[taken[0]]
    assert len(site.submissions(world.ada)) == 2
    for number in set(commits) - set(taken):
        assert "rejected" in said[number] and "fetch" in said[number]


def test_forced_ones_from_two_computers_both_count_or_say_why(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    places = [site.workplace(world.ada, name) for name in ("laptop", "desktop")]
    for place in places:
        place.commit({**honest_tree(), "from.txt": place.folder.name.encode()})
    running = [place.start("push", "--force", "grader", "main") for place in places]
    for process in running:
        process.communicate(timeout=120)
    taken = sum(process.returncode == 0 for process in running)
    assert taken >= 1
    assert len(site.submissions(world.ada)) == 1 + taken


def test_different_people_do_not_wait_for_each_other(site: Site, world: World, ada: Workplace):
    ada.commit()
    ben = site.repository(world.ben)
    ben.make()
    with ben.locked(1.0):
        assert ada.push().code == 0


def test_who_waits_too_long_is_told(site: Site, world: World, ada: Workplace):
    ada.commit()
    site.set_limits(lock_s=0.2)
    hers = site.repository(world.ada)
    hers.make()
    with hers.locked(1.0):
        pushed = ada.push()
    assert pushed.code == 1
    assert "Another push to this repository is still going on." in pushed.remote
    assert site.submissions(world.ada) == []
    assert ada.push().code == 0
