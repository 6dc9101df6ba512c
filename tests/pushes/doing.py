"""Doing the errand of handing in, and seeing what became of a push."""

from grader.db.database import Database
from grader.db.models import Push
from grader.pushes.handing_in import HandingIn


def do_all(errand: HandingIn) -> int:
    """Do what is due; return how much that was."""
    done = 0
    while (act := errand.take()) is not None:
        act()
        done += 1
    return done


def push_of(database: Database, push_id: int) -> Push:
    with database.reading() as session:
        push = session.get_one(Push, push_id)
        session.refresh(push, ["submission"])
        return push
