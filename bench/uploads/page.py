"""The table of uploads."""

from __future__ import annotations

from typing import Any

from bench.service import page

ROWS = {
    "hand-ins, each of another student": lambda found: found["rush"]["uploads"],
    "sent within (s)": lambda found: found["rush"]["within_s"],
    "accepted": lambda found: found["rush"]["accepted"],
    "answered, median (ms)": lambda found: found["rush"]["median_ms"],
    "**answered, 95th percentile (ms)**": lambda found: found["rush"]["p95_ms"],
    "answered, longest (ms)": lambda found: found["rush"]["longest_ms"],
    "queue drained after the last answer (s)": lambda found: found["rush"]["drained_after_s"],
    "graded": lambda found: found["rush"]["graded"],
    "**lost**": lambda found: found["rush"]["lost"],
    "one at a time, on an idle service": lambda found: found["first_result"]["hand_ins"],
    "**from upload to the first result at the client, median (s)**": lambda found: found["first_result"][
        "seen_median_s"
    ],
    "the same, longest (s)": lambda found: found["first_result"]["seen_longest_s"],
    "from receipt to the first result in the database, median (s)": lambda found: found["first_result"][
        "stored_median_s"
    ],
}


def render(results: dict[str, Any]) -> str:
    """Return the table of all databases."""
    note = (
        f"The web server, the worker with {results['slots']} slots, the database and the clients share "
        "these cores."
    )
    return page.render(results, note, "", ROWS)


def publish(results: dict[str, Any]) -> None:
    """Put the table into its place on the page."""
    page.publish("uploads", render(results))
