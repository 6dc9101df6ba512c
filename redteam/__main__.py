"""`make redteam`, or `python -m redteam [NAME …]`: run attacks and print what came of them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
from rich.console import Console

from bench.machine import commit, origin
from bench.marked_page import fill
from grader.setting_values import SANDBOXES
from redteam import table
from redteam.attack import CHECKOUT, AttackError, load_attacks, load_corpus
from redteam.running import run

PAGE = CHECKOUT / "docs" / "reference" / "red-team.md"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1)
@click.option("--section", multiple=True, help="Only this section of the corpus (A to F).")
@click.option("--sandbox", type=click.Choice(SANDBOXES), multiple=True, help="Only in this sandbox.")
@click.option(
    "--page", type=click.Path(path_type=Path), default=PAGE, help="Which page a full run is written to."
)
def main(names: tuple[str, ...], section: tuple[str, ...], sandbox: tuple[str, ...], page: Path) -> None:
    """Run the attacks whose names hold one of NAMES, default all: on plain harnesses and on this grader.

    Ends with exit code 1 if one is not contained, if its control didn't fire, or if a line of the corpus has
    no attack. A full run is written to the documentation.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    console = Console()
    try:
        attacks, corpus = load_attacks(), load_corpus()
    except AttackError as error:
        raise click.ClickException(str(error)) from error
    chosen = [
        attack
        for attack in attacks
        if (not section or attack.section in section) and (not names or any(n in attack.name for n in names))
    ]
    if not chosen:
        raise click.UsageError("no attack has such a name")
    begun, start_s, rows = {**origin(), "commit": commit()}, time.monotonic(), []
    for row in run(chosen, sandbox or SANDBOXES):
        rows.append(row)
        console.print(table.line(row))
    console.print(f"\n[bold]{table.summary(rows)}[/]")
    missing = []
    if chosen == attacks and not sandbox:
        missing = table.uncovered(rows, corpus)
        fill(page, "red-team", "redteam", table.page(rows, corpus, begun, time.monotonic() - start_s))
        console.print(f"written: {page.name}")
    for text in missing:
        console.print(f"[red]no attack for line {text}[/]")
    if missing or not all(row.good for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":  # processes that start anew import this module again
    main()
