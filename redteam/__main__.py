"""`make redteam`, or `python -m redteam [NAME …]`: run attacks and print what came of them."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.console import Console

from bench.machine import commit, describe_machine
from bench.marked_page import fill
from grader.setting_values import SANDBOXES
from grader.settings import load_settings
from redteam import table
from redteam.attack import CHECKOUT, Attack, AttackError, Section, load_attacks, load_corpus
from redteam.record import Record, Taken
from redteam.running import not_run, run

PAGE = CHECKOUT / "docs" / "reference" / "red-team.md"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1)
@click.option("--section", multiple=True, help="Only this section of the corpus (A to F).")
@click.option("--sandbox", type=click.Choice(SANDBOXES), multiple=True, help="Only in this sandbox.")
@click.option("--go-on", is_flag=True, help="Leave out what the record holds as contained: after a mending.")
@click.option("--publish", is_flag=True, help="Run nothing: write the page from the record as it is.")
@click.option("--page", type=click.Path(path_type=Path), default=PAGE, help="Which page is written.")
def main(
    names: tuple[str, ...],
    section: tuple[str, ...],
    sandbox: tuple[str, ...],
    go_on: bool,
    publish: bool,
    page: Path,
) -> None:
    """Run the attacks whose names hold one of NAMES, default all: on plain harnesses and on this grader.

    Ends with exit code 1 if one is not contained, if its control didn't fire, or if a line of the corpus has
    no attack. Every attack that is run in all sandboxes is kept in a record, and once that holds all attacks,
    the documentation is written from it. What the record does not hold is published as not run.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    console = Console()
    try:
        attacks, corpus = load_attacks(), load_corpus()
    except AttackError as error:
        raise click.ClickException(str(error)) from error
    record = Record(load_settings().data_dir / "redteam" / "record.jsonl")
    if publish:
        _write(page, record.rows(attacks), attacks, corpus)
        return
    chosen = [
        attack
        for attack in attacks
        if (not section or attack.section in section) and (not names or any(n in attack.name for n in names))
    ]
    if not chosen:
        raise click.UsageError("no attack has such a name")
    if chosen == attacks and not go_on:
        record.clear()
    if go_on:
        rows_so_far = {name: taken.row for name, taken in record.rows(attacks).items()}
        good = {name for name, row in rows_so_far.items() if row.good and not list(row.not_run())}
        chosen = [attack for attack in chosen if attack.name not in good]
    rows = []
    for row in run(chosen, sandbox or SANDBOXES):
        rows.append(row)
        console.print(table.line(row))
        if not sandbox:
            record.add(row, commit())
    if rows:
        console.print(f"\n[bold]{table.summary(rows)}[/]")
    taken = record.rows(attacks)
    if len(taken) == len(attacks):
        rows = [taken[attack.name].row for attack in attacks]
        _write(page, taken, attacks, corpus)
        console.print(f"all together: {table.summary(rows)}\nwritten: {page.name}")
    missing = table.uncovered(rows, corpus) if len(rows) == len(attacks) else []
    for text in missing:
        console.print(f"[red]no attack for line {text}[/]")
    if missing or not all(row.good for row in rows):
        raise SystemExit(1)


def _write(page: Path, taken: dict[str, Taken], attacks: list[Attack], corpus: dict[str, Section]) -> None:
    rows = [taken[attack.name].row if attack.name in taken else not_run(attack) for attack in attacks]
    fill(page, "red-team", "redteam", table.overview(rows, list(taken.values()), corpus, describe_machine()))
    for letter, section in corpus.items():
        own = [row for row in rows if row.attack.section == letter]
        fill(
            page.parent / table.section_page(letter), "attacks", "redteam", table.section_table(own, section)
        )


if __name__ == "__main__":  # processes that start anew import this module again
    main()
