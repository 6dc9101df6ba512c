"""Waits for a submission's result: by its stream of events as long as that works, else by asking.

A stream ends by itself within a minute, which is no failure; the next goes on after the last event. Streams
that fail or bring nothing, one after the other, mean that something on the way keeps them back: from then on
the service is asked every few seconds. What counts in the end is what the service says when asked.
"""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable, Mapping
from typing import Any

from grader.client.endings import Ending, Exit
from grader.client.events import Sent, read_events
from grader.client.transport import NETWORK_ERRORS, Answer, Service, ending_of, read_error

UNFINISHED = ("queued", "running")
FIRST_LOOK_S, LONGEST_LOOK_S = 1.0, 10.0
FAILURES_BEFORE_ASKING = 2

Status = Mapping[str, Any]


class Follower:
    """Follows the submission `public_id`, at most until `deadline_s` (of the monotonic clock)."""

    def __init__(self, service: Service, public_id: str, deadline_s: float, on_event: Callable[[Sent], None]):
        self._service = service
        self._path = f"/submissions/{public_id}"
        self._deadline_s = deadline_s
        self._on_event = on_event
        self._last_id = ""
        self._failures = 0

    def wait(self) -> Status:
        """Return how the submission stands once it is over; Ending if the time is over before."""
        while self._failures < FAILURES_BEFORE_ASKING:
            if self._follow_stream():
                break
        return self._ask_until_over()

    def _follow_stream(self) -> bool:
        """Follow one stream to its end; return whether the result has come."""
        headers = {"Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        is_alive = False
        try:
            with self._service.stream(f"{self._path}/events", headers) as lines:
                for sent in read_events(lines):
                    is_alive = True
                    self._check_time()
                    if sent is not None:
                        self._last_id = sent.id or self._last_id
                        self._on_event(sent)
                        if sent.kind == "result":
                            return True
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error.code, error.headers, read_error(error))
            if answer.status < 500 and answer.status != 429:
                raise ending_of(answer) from error
            self._failures = FAILURES_BEFORE_ASKING  # too many streams: asking costs less
            return False
        except NETWORK_ERRORS:
            pass
        self._failures = 0 if is_alive else self._failures + 1
        if not is_alive:
            self._sleep(FIRST_LOOK_S)
        return False

    def _ask_until_over(self) -> Status:
        look_s, seen = FIRST_LOOK_S, ("", None)
        while True:
            status = self._service.get(self._path).json()
            if status["state"] not in UNFINISHED:
                return status
            state = (status["state"], status["queue"])
            if state != seen:
                seen, look_s = state, FIRST_LOOK_S
                self._on_event(Sent("state", {"state": status["state"], "queue": status["queue"]}))
            self._sleep(look_s)
            look_s = min(LONGEST_LOOK_S, look_s * 1.5)

    def _sleep(self, pause_s: float) -> None:
        self._check_time()
        time.sleep(max(0.0, min(pause_s, self._deadline_s - time.monotonic())))

    def _check_time(self) -> None:
        if time.monotonic() >= self._deadline_s:
            raise Ending(Exit.TIMED_OUT, "The result did not come in time. Grading goes on.")
