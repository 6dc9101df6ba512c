"""Branches and tags are stored and not graded; which there may be; what a push of theirs says."""

from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World


def test_another_branch_is_stored_and_not_graded(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    pushed = ada.push("main:work")
    assert pushed.code == 0
    assert "Stored, not graded: heads/work" in pushed.remote
    assert "Only the branch main is handed in: git push REMOTE HEAD:main" in pushed.remote
    assert site.references(world.ada) == {"refs/heads/work": commit}
    assert site.submissions(world.ada) == []


def test_tags_go_along_with_what_is_handed_in(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.git("tag", "-a", "v1", "-m", "first")
    pushed = ada.push("main", "v1", "main:work")
    assert pushed.code == 0
    assert "Handed in as number 1, in time." in pushed.remote
    assert {"Stored, not graded: tags/v1", "Stored, not graded: heads/work"} <= set(pushed.remote)
    assert len(site.submissions(world.ada)) == 1


def test_branches_can_be_deleted_but_the_default_one(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    ada.push("main", "main:work")
    assert ada.push("--delete", "work").code == 0
    refused = ada.push("--delete", "main")
    assert refused.code == 1 and "deletion of the current branch prohibited" in refused.said
    assert site.head(world.ada) == commit
    assert "refs/heads/work" not in site.references(world.ada)


def test_who_deletes_branches_has_room_again(site: Site, world: World, ada: Workplace):
    """Their objects go when the room is needed."""
    ada.commit()
    ada.push()
    ada.git("switch", "--quiet", "-c", "large")
    large = ada.commit({"noise": site.noise(500_000)})
    assert ada.push("large").code == 0
    site.set_limits(repository_bytes=900_000)
    assert ada.push("--delete", "large").code == 0
    ada.git("switch", "--quiet", "main")
    commit = ada.commit({"noise": site.noise(600_000)})
    refused = ada.push()
    assert refused.code == 1
    assert any("The repository would grow beyond" in line for line in refused.remote)
    assert any("git push REMOTE --delete NAME" in line for line in refused.remote)
    assert ada.push().code == 0
    assert site.head(world.ada) == commit != large
    assert site.repository(world.ada).size_bytes() < 900_000
    assert len(site.pins(world.ada)) == 2, "what was handed in stays"


HOSTILE = {
    "ours": ("refs/grader/submissions/9", "deny updating a hidden ref"),
    "notes": ("refs/notes/commits", "Only branches and tags can be pushed"),
    "replacements": ("refs/replace/" + "a" * 40, "Only branches and tags can be pushed"),
    "remotes": ("refs/remotes/origin/main", "Only branches and tags can be pushed"),
    "configuration": ("refs/config", "Only branches and tags can be pushed"),
    "no place": ("refs/x", "Only branches and tags can be pushed"),
    "below the default branch": ("refs/heads/main/x", "can't be there beside"),
    "only capitals differ": ("refs/heads/MAIN", "differ only in capitals"),
    "below, in capitals": ("refs/heads/Main/x", "can't be there beside"),
    "text turned around": ("refs/heads/\u202egnp", "characters that can't be shown"),
    "very long": ("refs/heads/" + "x" * 220, "longer than 200 characters"),
}


def test_other_references_are_refused(site: Site, world: World, ada: Workplace):
    """With everything else in the same push."""
    ada.commit()
    ada.push()
    before = site.references(world.ada)
    ada.commit({"more.txt": b"more"})
    for what, (reference, said) in HOSTILE.items():
        refused = ada.push(f"HEAD:{reference}")
        assert refused.code == 1, what
        assert said in refused.said, what
    assert site.references(world.ada) == before
    assert len(site.submissions(world.ada)) == 1


def test_a_name_below_the_default_branch_cannot_come_first(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push("main:refs/heads/main/x")
    refused = ada.push()
    assert refused.code == 1
    assert site.submissions(world.ada) == []


def test_there_are_only_so_many(site: Site, world: World, ada: Workplace):
    ada.commit()
    site.set_limits(references=3)
    assert ada.push("main", "main:a", "main:b").code == 0
    refused = ada.push("main:c")
    assert refused.code == 1
    assert "There would be more than 3 branches and tags. Delete some first." in refused.remote


def test_only_so_many_change_at_once(site: Site, world: World, ada: Workplace):
    ada.commit()
    site.set_limits(commands=2)
    refused = ada.push("main", "main:a", "main:b")
    assert refused.code == 1
    assert "This push changes more than 2 branches and tags. Push fewer at once." in refused.remote
    assert site.references(world.ada) == {}


def test_a_branch_is_a_commit(site: Site, world: World, ada: Workplace):
    ada.commit()
    tree = ada.git("rev-parse", "HEAD^{tree}")
    ada.git("tag", "-a", "v1", "-m", "first")
    tag = ada.git("rev-parse", "v1")
    for name in (tree, tag):
        refused = site.push_raw(ada, ("0" * 40, name, "refs/heads/main"))
        assert "must name a commit" in refused
    assert site.submissions(world.ada) == []
