"""The command `grader` where only the client is installed: `grader submit`, and nothing else."""

from __future__ import annotations

import click

from grader import __version__
from grader.client.command import submit


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Hand in coursework and wait for the result. (This is the client alone, without the grader.)"""


main.add_command(submit)

if __name__ == "__main__":
    main()
