"""The page that tells the figures."""

from __future__ import annotations

from typing import Any

from bench.publication import ROOT

PAGE = ROOT / "docs" / "reference" / "crash-recovery.md"
BEGIN = "<!-- crash recovery: begin; written by python -m bench.crash_recovery -->"
END = "<!-- crash recovery: end -->"

ROWS = {
    "hand-ins": lambda found: found["hand_ins"],
    "worker killed": lambda found: found["mishaps"].get("worker", 0),
    "web server killed": lambda found: found["mishaps"].get("web server", 0),
    "both killed": lambda found: found["mishaps"].get("both", 0),
    "PostgreSQL restarted": lambda found: found["mishaps"].get("database", "–"),
    "requests without an answer, sent again": lambda found: found["repeated_requests"],
    "runs resumed by another worker": lambda found: found["resumed_runs"],
    "resumptions in all": lambda found: found["resumptions"],
    "tries that failed by our own fault": lambda found: found["own_failures"],
    "**lost hand-ins**": lambda found: found["lost"],
    "**hand-ins stored twice**": lambda found: found["stored_twice"],
    "**results published twice**": lambda found: found["doubled"],
    "**runs unfinished**": lambda found: found["unfinished"],
    "**ended as a grader problem**": lambda found: found["problems"],
    "**reports that don't fit their run**": lambda found: found["inconsistent"],
    "**graded**": lambda found: found["graded"],
    "from hand-in to result, median (s)": lambda found: round(found["median_wait_s"], 1),
    "from hand-in to result, longest (s)": lambda found: round(found["longest_wait_s"], 1),
}


def render(results: dict[str, Any]) -> str:
    """Return the table of all scenarios."""
    scenarios: dict[str, dict[str, Any]] = results["scenarios"]
    machine = results["machine"]
    lines = [
        f"Taken on {results['date']} on {machine['cpu_model']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['kernel']}.",
        "",
        f"| | {' | '.join(scenarios)} |",
        f"| --- |{' ---: |' * len(scenarios)}",
    ]
    for name, value in ROWS.items():
        lines.append(f"| {name} | {' | '.join(str(value(found)) for found in scenarios.values())} |")
    return "\n".join(lines) + "\n"


def publish(results: dict[str, Any]) -> None:
    """Put the table between the page's markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{render(results)}\n{END}{after}", encoding="utf-8")
