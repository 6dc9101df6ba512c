"""Couriers take errands of all kinds in turn, and stop when told to."""

import threading
from collections.abc import Callable

from grader.jobs.couriers import Couriers

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
        couriers.stop()
