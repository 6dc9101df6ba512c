"""The owner and staff clone and fetch; staff also what was handed in and is no longer on any branch."""

from grader.db.models import Scope
from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World


def test_the_owner_goes_on_elsewhere(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    ada.push()
    elsewhere = site.workplace(world.ada, "elsewhere")
    elsewhere.git("clone", "--quiet", site.address(world.ada), "clone")
    assert elsewhere.git("-C", "clone", "rev-parse", "HEAD") == commit
    ada.commit({"more.txt": b"more"})
    ada.push()
    elsewhere.git("-C", "clone", "pull", "--quiet")
    assert (elsewhere.folder / "clone" / "more.txt").read_bytes() == b"more"


def test_an_empty_one_can_be_cloned(site: Site, world: World, ada: Workplace):
    ada.git("clone", "--quiet", site.address(world.ada), "clone")
    assert ada.git("-C", "clone", "symbolic-ref", "HEAD") == "refs/heads/main"


def test_older_and_newer_forms_of_the_protocol(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    ada.push()
    for version in ("0", "1", "2"):
        listed = ada.git("-c", f"protocol.version={version}", "ls-remote", "grader")
        assert listed.split() == [commit, "HEAD", commit, "refs/heads/main"]


def test_staff_see_what_was_handed_in(site: Site, world: World, ada: Workplace):
    handed_in = ada.commit()
    ada.push()
    ada.git("commit", "--quiet", "--amend", "-m", "Rewritten")
    ada.push("--force", "main")
    tara = Workplace(site.folder / "tara", site.address(world.ada, world.tara, *Scope))
    tara.git("fetch", "--quiet", "grader", "refs/grader/*:refs/handed-in/*")
    assert tara.git("rev-parse", "refs/handed-in/submissions/1") == handed_in
    assert "refs/grader" not in ada.git("ls-remote", "grader")


def test_staff_do_not_make_repositories(site: Site, world: World):
    tara = Workplace(site.folder / "tara", site.address(world.ada, world.tara, *Scope))
    process = tara.start("fetch", "grader")
    _, said = process.communicate(timeout=60)
    assert "remote: Nothing was pushed to this repository yet." in said
    assert not site.repository(world.ada).exists


def test_a_part_is_fetched(site: Site, world: World, ada: Workplace):
    for number in range(3):
        ada.commit({"number.txt": str(number).encode()}, message=str(number))
    ada.push("main:work")
    ada.git("clone", "--quiet", "--depth", "1", "--branch", "work", site.address(world.ada), "clone")
    assert ada.git("-C", "clone", "rev-list", "--count", "HEAD") == "1"
