"""The command `grader` where only the client is installed: `grader submit`, and nothing else."""

from __future__ import annotations

import traceback
from typing import Any

import click

from grader import __version__
from grader.client.command import submit
from grader.client.endings import Exit


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a bug of ours never ends with 1, which says that the score is below."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:
            traceback.print_exc()
            ctx.exit(Exit.GRADER_PROBLEM)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Hand in coursework and wait for the result. (This is the client alone, without the grader.)"""


main.add_command(submit)

if __name__ == "__main__":
    main()
