"""A push of the default branch hands in, each push once; the commit is what is handed in."""

from grader.db.models import Source
from grader.submissions.archive import read_archive_bytes
from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World
from tests.submissions.archives.packing import PACKAGE, REQUIRED, honest_tree


def test_the_first_push_makes_the_repository_and_hands_in(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    pushed = ada.push()
    assert pushed.code == 0, pushed.said
    (submission,) = site.submissions(world.ada)
    assert (submission.number, submission.source) == (1, Source.GIT)
    assert submission.filename == f"commit-{commit[:12]}.zip"
    assert "Handed in as number 1, in time." in pushed.remote
    assert f"http://127.0.0.1:8000/submissions/{submission.public_id}" in pushed.remote
    assert site.runs() == 1
    assert site.head(world.ada) == commit


def test_what_is_committed_is_handed_in(site: Site, world: World, ada: Workplace):
    ada.commit({**honest_tree(), "g2c/nn/loss.py": b"committed = True\n", ".DS_Store": b"x"})
    (ada.folder / "g2c/nn/loss.py").write_text("on_disk = True\n")
    ada.push()
    read = read_archive_bytes(site.archive(world.ada, 1), "x.zip", PACKAGE, REQUIRED)
    assert read.files["g2c/nn/loss.py"] == b"committed = True\n"
    assert set(read.files) == set(honest_tree())


def test_the_project_may_lie_in_a_folder_of_the_repository(site: Site, world: World, ada: Workplace):
    ada.commit(honest_tree("solutions/"))
    assert ada.push().code == 0
    assert len(site.submissions(world.ada)) == 1


def test_the_second_push_hands_in_again(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    second = ada.commit({"g2c/nn/loss.py": b"better = 1\n"})
    pushed = ada.push()
    assert pushed.code == 0
    assert "Handed in as number 2, in time." in pushed.remote
    assert [s.number for s in site.submissions(world.ada)] == [1, 2]
    assert site.head(world.ada) == second
    assert site.pins(world.ada)["refs/grader/submissions/2"] == second


def test_nothing_new_is_nothing_handed_in(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    assert "up-to-date" in ada.push().said
    assert len(site.submissions(world.ada)) == 1


def test_a_commit_without_changes_is_a_new_hand_in(site: Site, world: World, ada: Workplace):
    for _ in range(2):
        ada.commit()
        ada.push()
    first, second = site.submissions(world.ada)
    assert first.digest == second.digest


def test_each_person_has_a_repository_of_their_own(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    ben = site.workplace(world.ben)
    ben.commit({**honest_tree(), "mine.txt": b"Ben's"})
    assert ben.push().code == 0
    assert site.head(world.ada) != site.head(world.ben)
    assert [len(site.submissions(person)) for person in (world.ada, world.ben)] == [1, 1]


def test_staff_hand_in_for_themselves_too(site: Site, world: World):
    tara = site.workplace(world.tara)
    tara.commit()
    assert tara.push().code == 0
    assert len(site.submissions(world.tara)) == 1


def test_attempts_left_and_lateness_are_said(site: Site, world: World, ada: Workplace):
    site.set_unit(world.unit, max_attempts=3, deadline_at=site.ago(60), late_until_at=site.ago(-3600))
    ada.commit()
    assert "Handed in as number 1, late. 2 attempts left." in ada.push().remote


def test_a_large_push_comes_in_pieces(site: Site, world: World, ada: Workplace):
    """Git sends more than 1 MiB in chunks, after trying whether it may with an empty request."""
    ada.commit({**honest_tree(), "notes.bin": site.noise(3_000_000)})
    pushed = ada.push()
    assert pushed.code == 0, pushed.said
    assert len(site.submissions(world.ada)) == 1
