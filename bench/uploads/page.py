"""The table on the page of the service's benchmarks."""

from __future__ import annotations

from typing import Any

from bench.publication import ROOT

PAGE = ROOT / "docs" / "reference" / "service-benchmarks.md"
BEGIN = "<!-- uploads: begin; written by python -m bench.uploads -->"
END = "<!-- uploads: end -->"

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
    databases: dict[str, dict[str, Any]] = results["databases"]
    machine = results["machine"]
    lines = [
        f"Taken on {results['date']} on {machine['cpu_model']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['kernel']}; load average at the start "
        f"{machine['load_average']}. The web server, the worker with {results['slots']} slots, the database "
        "and the clients share these cores.",
        "",
        f"| | {' | '.join(databases)} |",
        f"| --- |{' ---: |' * len(databases)}",
    ]
    for name, value in ROWS.items():
        lines.append(f"| {name} | {' | '.join(str(value(found)) for found in databases.values())} |")
    return "\n".join(lines) + "\n"


def publish(results: dict[str, Any]) -> None:
    """Put the table between the page's markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{render(results)}\n{END}{after}", encoding="utf-8")
