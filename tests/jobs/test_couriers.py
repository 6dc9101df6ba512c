"""Couriers take errands of all kinds in turn, and stop when told to."""

import threading
from collections.abc import Callable

from grader.jobs.couriers import COURIERS, Couriers
from tests.jobs.workers import wait_until

WAIT_S = 60.0


def test_one_kind_that_never_ends_does_not_keep_the_others_waiting():
    others_turn = threading.Event()

    def endless() -> Callable[[], None]:
        return lambda: None

    def other() -> Callable[[], None]:
        return others_turn.set

    couriers = Couriers((endless, other))
    couriers.start()
    try:
        assert others_turn.wait(WAIT_S)
    finally:
        couriers.stop_taking()
    wait_until(couriers.is_idle, "the couriers are idle")


def test_what_is_on_its_way_is_finished_and_nothing_more_is_taken():
    taken, may_end = threading.Event(), threading.Event()
    done: list[bool] = []

    def slow() -> Callable[[], None]:
        taken.set()
        return lambda: done.append(may_end.wait(WAIT_S))

    couriers = Couriers((slow,))
    couriers.start()
    assert taken.wait(WAIT_S)
    couriers.stop_taking()
    assert not couriers.is_idle()
    may_end.set()
    wait_until(couriers.is_idle, "the couriers are idle")
    assert 1 <= len(done) <= COURIERS
    assert all(done)
