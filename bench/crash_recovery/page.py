"""The page that tells the figures."""

from __future__ import annotations

import json
from typing import Any

from bench.marked_page import fill
from bench.publication import ROOT

Scenarios = dict[str, dict[str, Any]]

LATEST = ROOT / "bench" / "results" / "crash_recovery.json"
PAGE = ROOT / "docs" / "reference" / "crash-recovery.md"

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


def render(scenarios: Scenarios) -> str:
    """Return the table, a column for each scenario."""
    lines = [
        f"| | {' | '.join(scenarios)} |",
        f"| --- |{' ---: |' * len(scenarios)}",
    ]
    for name, value in ROWS.items():
        lines.append(f"| {name} | {' | '.join(str(value(found)) for found in scenarios.values())} |")
    lines.append("")
    for name, found in scenarios.items():
        machine = found["machine"]
        lines.append(
            f"- {name}: {found['date']}, grader {found['commit']}, {machine['cpu_model']}, "
            f"{machine['cores']} cores, {machine['kernel']}, load average before {machine['load_average']}"
        )
    return "\n".join(lines) + "\n"


def publish(scenarios: Scenarios) -> None:
    """Keep these scenarios as the latest of their kind; put all latest ones between the page's markers."""
    latest: Scenarios = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else {}
    latest = dict(sorted({**latest, **scenarios}.items()))
    LATEST.write_text(json.dumps(latest, indent=1) + "\n", encoding="utf-8")
    fill(PAGE, "crash recovery", "bench.crash_recovery", render(latest))
