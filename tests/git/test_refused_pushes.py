"""What the course does not take, or intake refuses, is not pushed either: nothing is stored."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from grader.db.base import now
from grader.submissions.archive import IntakeLimits
from tests.git.client import Workplace
from tests.git.site import Site
from tests.jobs.workers import wait_until
from tests.people import World
from tests.submissions.archives.packing import honest_tree

AWAY = {name: content for name, content in honest_tree().items() if name != "g2c/nn/loss.py"}
KEPT = "Nothing was handed in, no attempt is used, and the branch is as it was."


def assert_refused(site: Site, world: World, ada: Workplace, said: str) -> None:
    pushed = ada.push()
    assert pushed.code == 1
    assert "pre-receive hook declined" in pushed.said
    assert any(said in line for line in pushed.remote), pushed.said
    assert KEPT in pushed.remote
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []
    assert site.runs() == 0


TERMS = {
    "closed": ({"deadline_at": now() - timedelta(days=1)}, "This unit took hand-ins until"),
    "not open": ({"opens_at": now() + timedelta(days=1)}, "This unit takes hand-ins from"),
    "no attempts": ({"max_attempts": 0}, "All 0 attempts are used."),
}


@pytest.mark.parametrize(("terms", "said"), TERMS.values(), ids=TERMS)
def test_the_course_does_not_take_it(
    site: Site, world: World, ada: Workplace, terms: dict[str, object], said: str
):
    site.set_unit(world.unit, **terms)
    ada.commit()
    assert_refused(site, world, ada, said)
    assert ada.push("main:work").code == 0, "work can still be kept"


def test_a_shallow_clone_is_told_what_to_do(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push("main:work")
    ada.commit({"more.txt": b"more"})
    ada.push("main:work")
    elsewhere = site.workplace(world.ada, "elsewhere")
    elsewhere.git("fetch", "--quiet", "--depth=1", "grader", "work")
    elsewhere.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    commit = elsewhere.commit({"again.txt": b"again"})
    refused = elsewhere.push()
    assert refused.code == 1
    assert any("shallow clone" in line for line in refused.remote), refused.said
    assert any("git fetch --unshallow" in line for line in refused.remote)
    assert site.submissions(world.ada) == []
    elsewhere.git("fetch", "--quiet", "--unshallow", "grader")
    assert elsewhere.push().code == 0
    assert site.head(world.ada) == commit


def test_who_sends_slowly_gains_no_time(site: Site, world: World, ada: Workplace):
    """What counts is when all of it is there."""
    body = site.push_body(ada, ("0" * 40, ada.commit(), "refs/heads/main"))
    with ada.begin_push(body[:100], f"Content-Length: {len(body)}") as connection:
        wait_until(lambda: site.places_taken() == 1, "the push is coming in")
        site.set_unit(world.unit, deadline_at=now())
        connection.sendall(body[100:])
        assert b"This unit took hand-ins until" in connection.makefile("rb").read()
    assert site.submissions(world.ada) == []


def test_the_last_attempt_is_used(site: Site, world: World, ada: Workplace):
    site.set_unit(world.unit, max_attempts=1)
    site.finish_at_once()
    ada.commit()
    assert "Handed in as number 1, in time. 0 attempts left." in ada.push().remote
    first = site.head(world.ada)
    ada.commit({"g2c/nn/loss.py": b"better = 1\n"})
    pushed = ada.push()
    assert pushed.code == 1
    assert any("All 1 attempts are used." in line for line in pushed.remote)
    assert site.head(world.ada) == first
    assert len(site.submissions(world.ada)) == 1


TREES = {
    "a file is missing": (AWAY, "loss.py"),
    "nothing": ({".gitignore": b""}, "g2c"),
    "compiled": ({**honest_tree(), "g2c/nn/fast.so": b"\x7fELF"}, "compiled libraries"),
    "starts with Python": ({**honest_tree(), "sitecustomize.py": b""}, "Python would run it"),
    "large": ({**honest_tree(), "mnist.bin": bytes(IntakeLimits().file_bytes + 1)}, "larger than 32 MiB"),
}


@pytest.mark.parametrize(("tree", "said"), TREES.values(), ids=TREES)
def test_intake_refuses_it(site: Site, world: World, ada: Workplace, tree: Mapping[str, bytes], said: str):
    ada.commit(tree)
    assert_refused(site, world, ada, said)


def test_a_link_is_refused(site: Site, world: World, ada: Workplace):
    ada.commit()
    (ada.folder / "data").symlink_to("/etc/passwd")
    ada.commit()
    assert_refused(site, world, ada, "data is a link.")


def test_many_reasons_are_cut_short(site: Site, world: World, ada: Workplace):
    ada.commit({**honest_tree(), **{f"g2c/nn/x{n}.so": b"\x7fELF" for n in range(30)}})
    assert_refused(site, world, ada, "... and 10 more.")


def test_too_often(site: Site, world: World, ada: Workplace):
    site.set_setting("uploads_per_minute", 2)
    for number in range(3):
        ada.commit({**honest_tree(), "take.txt": str(number).encode()})
        pushed = ada.push()
    assert pushed.code == 1
    said = [line for line in pushed.remote if line.startswith("You have handed in or pushed too often")]
    assert len(said) == 1, pushed.said
    assert len(site.submissions(world.ada)) == 2
    refused = ada.push("main:work")
    assert refused.code == 1 and "too often within a minute" in refused.said, "it brings as much"
    assert ada.push("main~1:refs/heads/before").code == 0, "what brings nothing does not count"
