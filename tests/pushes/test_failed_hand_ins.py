"""Pushes that can't be handed in: tried again, given up, and never overwritten by who was too slow."""

import pytest

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Push, PushState, RepositoryLink
from grader.errors import OutboundError
from grader.pushes import handing_in
from grader.pushes.fetching import Fetcher
from grader.pushes.handing_in import HandingIn
from tests.pushes.conftest import Told
from tests.pushes.doing import do_all, push_of
from tests.pushes.git_host import GitHost, Repository


def test_what_can_not_be_fetched_is_tried_again_and_given_up(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    repository.commit()
    push_id = told("0", "abc")
    for number, _ in enumerate(handing_in.PAUSES_S, start=1):
        assert do_all(errand) == 1
        push = push_of(database, push_id)
        assert (push.state, push.tries) == (PushState.WAITING, number)
        assert "git fetch failed" in str(push.last_error)
        assert push.next_try_at is not None
        assert push.next_try_at > push.received_at
        with database.writing() as session:
            session.get_one(Push, push_id).next_try_at = now()
    assert do_all(errand) == 1
    push = push_of(database, push_id)
    assert push.state is PushState.FAILED
    assert "could not be fetched" in str(push.text)


def test_a_push_that_kills_whoever_takes_it_is_given_up(
    database: Database, host: GitHost, errand: HandingIn, told: Told
):
    push_id = told("0", "a")
    with database.writing() as session:
        session.get_one(Push, push_id).tries = handing_in.MAX_TRIES
    do_all(errand)
    assert push_of(database, push_id).state is PushState.FAILED
    assert host.asked == []


@pytest.mark.parametrize("state", [PushState.HANDED_IN, PushState.WAITING])
def test_a_courier_that_was_outlasted_writes_nothing(
    database: Database, host: GitHost, errand: HandingIn, told: Told, state: PushState
):
    push_id = told("0", "abc")

    def meanwhile(*arguments: object) -> dict[str, bytes]:
        with database.writing() as session:  # another has taken it, and may be done
            push = session.get_one(Push, push_id)
            push.tries += 1
            push.state = state
        raise OutboundError("It is not there.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fetcher, "files_of", meanwhile)
        slow = errand.take()
        assert slow is not None
        slow()
    push = push_of(database, push_id)
    assert (push.state, push.last_error, push.text) == (state, None, None)
    with database.reading() as session:
        assert session.query(RepositoryLink).one().leased_until is not None
