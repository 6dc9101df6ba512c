"""Which of two commits is newer, by the steps that were told of."""

import pytest

from grader.db.database import Database
from grader.db.models import PushState
from grader.pushes.ordering import Order, last_handed_in, of_chain
from tests.integrations import full, make_link, make_push
from tests.people import World, make_submission

STEPS = [  # told of before; the commit at hand, as a step; the one handed in last; how it stands to that
    (["0 a"], "a b", "a", Order.NEWER),
    (["0 a", "a b"], "b c", "a", Order.NEWER),  # over one that waits
    (["b c"], "a b", "c", Order.OLDER),
    (["b c", "c d", "d e"], "a b", "e", Order.OLDER),
    (["c d"], "a b", "d", Order.UNKNOWN),  # the step in between is missing
    (["0 a", "a b"], "b a", "b", Order.NEWER),  # forced back
    (["0 a", "a b", "b a"], "a b", "a", Order.NEWER),  # and forth
    (["0 a", "a x"], "x b", "x", Order.NEWER),  # forced aside
    (["0 a"], "0 a", "a", Order.NEWER),  # the same
    ([], "a b", "c", Order.UNKNOWN),
]


@pytest.mark.parametrize(("told", "step", "last", "expected"), STEPS)
def test_the_steps_say_which_is_newer(
    database: Database, world: World, told: list[str], step: str, last: str, expected: Order
):
    with database.writing() as session:
        link = make_link(session, world.unit, world.ada)
        for pair in told:
            make_push(session, link, *pair.split())
        push = make_push(session, link, *step.split())
        assert of_chain(session, push, full(last)) is expected


def test_steps_of_another_link_say_nothing(database: Database, world: World):
    with database.writing() as session:
        make_push(session, make_link(session, world.unit, world.ben), "b", "c")
        push = make_push(session, make_link(session, world.unit, world.ada), "a", "b")
        assert of_chain(session, push, full("c")) is Order.UNKNOWN


def test_the_last_one_handed_in_is_the_one_with_the_highest_number(database: Database, world: World):
    with database.writing() as session:
        link = make_link(session, world.unit, world.ada)
        push = make_push(session, link, "0", "a")
        assert last_handed_in(session, push) is None
        for commit in ("b", "c"):
            submission = make_submission(session, world.unit, world.ada)
            make_push(session, link, "a", commit, state=PushState.HANDED_IN, submission_id=submission.id)
        make_push(session, link, "c", "d")
        assert last_handed_in(session, push) == full("c")
