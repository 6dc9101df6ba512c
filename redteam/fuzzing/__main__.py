"""`python -m redteam.fuzzing`: campaigns, the corpus that is kept, and the page of figures."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from redteam.fuzzing import corpus
from redteam.fuzzing.campaign import Campaign
from redteam.fuzzing.figures import write_figures
from redteam.fuzzing.targets import TARGETS

FOLDER = Path(__file__).parents[2] / "var" / "fuzzing"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--folder", default=FOLDER, type=click.Path(path_type=Path), help="Where campaigns are kept.")
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """Fuzz what reads a stranger's bytes."""
    context.obj = folder


@main.command()
@click.argument("target", type=click.Choice(list(TARGETS)))
@click.option(
    "--inputs", required=True, type=int, help="How many inputs to run in all, earlier runs included."
)
@click.pass_obj
def run(folder: Path, target: str, inputs: int) -> None:
    """Run a campaign, or go on with one; it may be interrupted at any time."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))  # which ends the worker, too
    Campaign(target, folder).run(inputs)


@main.command()
@click.argument("target", type=click.Choice(list(TARGETS)))
@click.pass_obj
def keep(folder: Path, target: str) -> None:
    """Keep the few inputs in tests/fuzzing/corpus that together reach what the campaign reached."""
    inputs = [path.read_bytes() for path in (folder / target / "corpus").iterdir()]
    number, reached, lines = corpus.keep(target, [*inputs, *corpus.read_corpus(target).values()])
    print(f"{number} inputs of {len(inputs):,} kept; they reach {reached} of {lines} lines")


@main.command()
@click.pass_obj
def figures(folder: Path) -> None:
    """Write the campaigns' figures to docs/reference/fuzzing.md."""
    print(write_figures(folder))


if __name__ == "__main__":
    main()
