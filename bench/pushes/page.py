"""The table on the page of the service's benchmarks."""

from __future__ import annotations

from typing import Any

from bench.uploads.page import PAGE

BEGIN = "<!-- pushes: begin; written by python -m bench.pushes -->"
END = "<!-- pushes: end -->"

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
    databases: dict[str, dict[str, Any]] = results["databases"]
    machine = results["machine"]
    lines = [
        f"Taken on {results['date']} on {machine['cpu_model']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['kernel']}; load average at the start "
        f"{machine['load_average']}. The web server, the worker with {results['slots']} slots, the database, "
        "git and its clients share these cores.",
        "",
        f"| | {' | '.join(databases)} |",
        f"| --- |{' ---: |' * len(databases)}",
    ]
    for name, key in ROWS.items():
        lines.append(f"| {name} | {' | '.join(str(found[key]) for found in databases.values())} |")
    return "\n".join(lines) + "\n"


def publish(results: dict[str, Any]) -> None:
    """Put the table between the page's markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{render(results)}\n{END}{after}", encoding="utf-8")
