"""How the pages say times, waits and states, in plain words."""

from __future__ import annotations

from datetime import datetime

from grader.db.models import RunState
from grader.jobs.queue_position import QueuePosition
from grader.report import numbers, text, words
from grader.web.pages import blueprint

STATES = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "being graded",
    RunState.GRADED: "graded",
    RunState.PROBLEM: "grader problem",
    RunState.CANCELLED: "cancelled",
    RunState.SUPERSEDED: "replaced by a newer one",
}
_UNITS_S = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def span(seconds: float) -> str:
    """Return a length of time by its one or two largest units: `3 days`, `1 day 4 hours`, `20 minutes`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    rest, parts = minutes * 60, []
    for name, size in _UNITS_S:
        count, rest = divmod(rest, size)
        if count:
            parts.append(words.count(count, name))
        elif parts:
            break  # `2 days 5 minutes` says more than anyone wants to know
    return " ".join(parts[:2])


def time_left(until: datetime, at: datetime) -> str:
    """Return `3 days left`, or `over` once the moment has passed."""
    left_s = (until - at).total_seconds()
    return f"{span(left_s)} left" if left_s > 0 else "over"


def waiting(position: QueuePosition) -> str:
    """Return where a hand-in stands in the queue, and when its grading may begin."""
    if position.position == 1:
        place = "You are next."
    else:
        place = f"{words.count(position.position - 1, 'hand-in')} before yours."
    expected_s = position.expected_start_s
    if expected_s is None:
        return place
    if expected_s < 60:
        return f"{place} Grading should begin within a minute."
    return f"{place} Grading should begin in about {span(expected_s)}."


blueprint.add_app_template_filter(numbers.points, "points")
blueprint.add_app_template_filter(numbers.percent, "percent")
blueprint.add_app_template_filter(text.clean, "clean_message")
blueprint.add_app_template_global(words.count, "count")
blueprint.app_context_processor(lambda: {"STATES": STATES, "outcome_words": words.OUTCOME_WORDS})
