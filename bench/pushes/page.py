"""The table of pushes."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from bench.service import page

ROWS = {
    "pushes at once, each of another student": "pushes",
    "succeeded": "succeeded",
    "handed in, median (s)": "handed_in_median_s",
    "**handed in, longest (s)**": "handed_in_longest_s",
    "showed the score": "showed_score",
    "graded and ended, longest (s)": "ended_longest_s",
    "a page meanwhile, median (ms)": "page_median_ms",
    "a page meanwhile, longest (ms)": "page_longest_ms",
    "**lost**": "lost",
    "**handed in twice**": "doubled",
    "**not graded, or branch not updated**": "wrong",
    "**repositories in which `git fsck` finds fault**": "damaged",
}


def render(results: dict[str, Any]) -> str:
    """Return the table of all databases."""
    note = (
        f"The web server, the worker with {results['slots']} slots, the database, git and its clients share "
        "these cores."
    )
    return page.render(results, note, "", {name: itemgetter(key) for name, key in ROWS.items()})


def publish(results: dict[str, Any]) -> None:
    """Put the table into its place on the page."""
    page.publish("pushes", render(results))
