"""Every signal to stop counts, whichever thread takes it and however fast the next one follows."""

import os
import signal
import threading

from grader.jobs.stop_requests import StopRequests

LONG_S = 60.0


def test_none_has_come():
    with StopRequests() as stop:
        assert not stop.wait(1, timeout_s=0.0)


def test_two_at_once_are_two():
    with StopRequests() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(1, LONG_S)
        assert stop.wait(2, LONG_S)
        assert not stop.wait(3, timeout_s=0.0)


def test_one_that_another_thread_takes_wakes_the_main_thread():
    def take() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    with StopRequests() as stop:
        threading.Thread(target=take).start()
        assert stop.wait(1, LONG_S)


def test_other_signals_do_not_count():
    before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    try:
        with StopRequests() as stop:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert not stop.wait(1, timeout_s=0.1)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_was_there_before_comes_back():
    before = signal.getsignal(signal.SIGTERM)
    with StopRequests():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
