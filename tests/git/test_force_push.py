"""What was handed in stays, whatever is pushed later."""

from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World


def test_a_forced_push_changes_nothing_that_was_handed_in(site: Site, world: World, ada: Workplace):
    first = ada.commit({"g2c/nn/loss.py": b"first = 1\n"})
    ada.commit()
    ada.push()
    before = site.archive(world.ada, 1)
    handed_in = ada.git("rev-parse", "HEAD")
    ada.git("reset", "--quiet", "--hard", first)
    other = ada.commit(message="Another way")
    refused = ada.push()
    assert refused.code == 1 and "non-fast-forward" in refused.said
    assert ada.push("--force", "main").code == 0
    assert site.head(world.ada) == other
    assert site.archive(world.ada, 1) == before
    assert site.pins(world.ada) == {
        "refs/grader/submissions/1": handed_in,
        "refs/grader/submissions/2": other,
    }


def test_going_back_and_forth_hands_in_each_time(site: Site, world: World, ada: Workplace):
    first = ada.commit()
    second = ada.commit({"g2c/nn/loss.py": b"second = 2\n"})
    for commit in (first, second, first, second):
        assert ada.push("--force", f"{commit}:refs/heads/main").code == 0
    assert [s.filename[7:19] for s in site.submissions(world.ada)] == [
        commit[:12] for commit in (first, second, first, second)
    ]


def test_what_was_handed_in_outlives_the_gathering_of_garbage(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    handed_in = site.head(world.ada)
    ada.git("checkout", "--quiet", "--orphan", "fresh")
    ada.commit(message="From scratch")
    ada.push("--force", "fresh:main")
    repository = site.repository(world.ada)
    limits = site.limits(packs=1)
    assert repository.tidy(limits)
    assert site.pins(world.ada)["refs/grader/submissions/1"] == handed_in
    assert not repository.tidy(limits)
