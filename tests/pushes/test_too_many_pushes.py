"""Pushes that are one too many, and those that are delivered again."""

from datetime import timedelta

from grader.db.base import now
from grader.db.models import Push, PushState, RepositoryLink
from grader.pushes.receiving import MAX_WAITING
from tests.integrations import full, make_push
from tests.people import World, make_submission
from tests.pushes.conftest import NewReceiver
from tests.pushes.events import Delivery, Pushed, github
from tests.pushes.receiver import PER_MINUTE


def numbered(number: int) -> Delivery:
    return github(Pushed(after=full(f"{number:x}"), delivery=f"delivery-{number}"))


def test_so_many_pushes_of_a_link_wait_and_no_more(receiver_of: NewReceiver):
    receiver = receiver_of("github")
    with receiver.database.writing() as session:
        link = session.query(RepositoryLink).one()
        for number in range(MAX_WAITING):
            make_push(session, link, "0", f"{number:x}", received_at=now() - timedelta(hours=1))
    assert receiver.send(numbered(100)).status == 429
    with receiver.database.writing() as session:
        session.query(Push).first().state = PushState.OLDER
    assert receiver.send(numbered(100)).status == 202


def test_pushes_and_uploads_of_a_minute_are_counted_together(receiver_of: NewReceiver, world: World):
    receiver = receiver_of("github")
    with receiver.database.writing() as session:
        make_submission(session, world.unit, world.ada)
    replies = [receiver.send(numbered(number)) for number in range(1, PER_MINUTE + 1)]
    assert [reply.status for reply in replies] == [202] * (PER_MINUTE - 1) + [429]
    assert receiver.send(numbered(1)).result == "repeated"
    with receiver.database.writing() as session:  # a minute passes
        session.query(Push).update({"received_at": now() - timedelta(minutes=2)})
    assert receiver.send(numbered(100)).status == 202


def test_a_failed_push_that_is_delivered_again_is_tried_anew_as_of_then(receiver_of: NewReceiver):
    receiver = receiver_of("github")
    receiver.send(github(Pushed()))
    with receiver.database.writing() as session:
        push = session.query(Push).one()
        push.state, push.text, push.next_try_at, push.tries = PushState.FAILED, "Why.", None, 7
    (failed,) = receiver.pushes()
    assert receiver.send(github(Pushed())).status == 202
    (push,) = receiver.pushes()
    assert (push.state, push.text, push.tries) == (PushState.WAITING, None, 0)
    assert push.next_try_at is not None
    assert push.received_at == failed.received_at
