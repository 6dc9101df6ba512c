"""Whoever dies when: what was handed in is handed in once, and what was not can be pushed again."""

import os
import signal

import pytest

from grader.errors import GraderError
from grader.git import receiving
from grader.git.deciding import Decision
from grader.git.gate import Question, Verdict
from grader.git.limits import GitLimits
from grader.git.repositories import Repository
from tests.git.client import Workplace
from tests.git.site import Site
from tests.jobs.workers import wait_until
from tests.people import World


def test_who_interrupts_the_lines_interrupts_nothing_else(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(receiving, "KEEP_ALIVE_S", 0.1)
    site.follow_for(3600)
    commit = ada.commit()
    process = ada.start("push", "grader", "main")
    assert process.stderr is not None
    assert any("Waiting to be graded" in line for line in process.stderr)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
    process.wait(30)
    process.stderr.close()
    assert site.head(world.ada) == commit
    assert len(site.submissions(world.ada)) == 1
    assert site.pins(world.ada) == {"refs/grader/submissions/1": commit}
    wait_until(lambda: site.places_taken() == 0, "the server notices that the client is gone")


def test_git_dies_between_hand_in_and_branch(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    """What is handed in then is found when the same commit is pushed again."""
    decide = Decision.decide
    commit = ada.commit()

    def decide_and_die(decision: Decision, question: Question) -> Verdict:
        decide(decision, question)
        return Verdict(False)

    with monkeypatch.context() as patch:
        patch.setattr(Decision, "decide", decide_and_die)
        broken = ada.push()
    assert broken.code == 1
    assert (
        "Your commit is handed in, but the branch may not be updated yet: please push again." in broken.said
    )
    assert site.references(world.ada) == {}
    again = ada.push()
    assert again.code == 0
    assert "This commit was handed in before, as number 1." in again.remote
    assert site.head(world.ada) == commit
    assert len(site.submissions(world.ada)) == site.runs() == 1


def test_our_own_failure_before_the_hand_in_refuses_the_push(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    def fail(repository: Repository) -> dict[str, str]:
        raise OSError("the disk is gone")

    ada.commit()
    with monkeypatch.context() as patch:
        patch.setattr(Repository, "size_bytes", fail)
        refused = ada.push()
    assert refused.code == 1
    assert any("Something went wrong on our side." in line for line in refused.remote)
    assert "disk" not in refused.said
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []
    assert ada.push().code == 0


def test_a_hand_in_whose_commit_can_t_be_pinned_is_one(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    def fail(repository: Repository, number: int, commit: str) -> None:
        raise OSError("the disk is full")

    commit = ada.commit()
    monkeypatch.setattr(Repository, "pin", fail)
    assert "is handed in" in ada.push().said
    assert site.head(world.ada) == commit
    assert len(site.submissions(world.ada)) == 1


def test_a_push_counts_even_if_the_repository_cannot_be_tidied(
    site: Site, world: World, ada: Workplace, monkeypatch: pytest.MonkeyPatch
):
    def fail(repository: Repository, limits: GitLimits) -> bool:
        raise GraderError("git gc failed")

    monkeypatch.setattr(Repository, "tidy", fail)
    commit = ada.commit()
    stored = ada.push("main:work")
    assert stored.code == 0 and "Stored, not graded: heads/work" in stored.remote
    handed_in = ada.push()
    assert handed_in.code == 0 and "Handed in as number 1, in time." in handed_in.remote
    assert site.head(world.ada) == commit


def test_what_a_killed_git_has_left_is_removed(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    path = site.repository(world.ada).path
    for lock in ("HEAD.lock", "packed-refs.lock", "refs/heads/main.lock", "refs/heads/work.lock"):
        (path / lock).touch()
    (path / "objects" / "tmp_objdir-incoming-x" / "pack").mkdir(parents=True)
    (path / "objects" / "pack" / "tmp_pack_x").write_bytes(b"PACK")
    commit = ada.commit({"more.txt": b"more"})
    assert ada.push("main", "main:work").code == 0
    assert site.head(world.ada) == commit
    assert not [*path.rglob("*.lock"), *path.rglob("tmp_*")]
