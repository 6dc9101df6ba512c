"""The `grader` command: gathers the commands of `grader/commands/`, and turns exceptions into exit codes.

Exit codes: 0 done (whatever the score), 1 the check says no, 2 usage, 3 rejected at intake, 4 grader problem.
"""

from __future__ import annotations

import traceback
from typing import Any

import click

from grader import __version__
from grader.client.command import submit
from grader.commands.backup import backup, restore
from grader.commands.courses import course
from grader.commands.database import db
from grader.commands.demo import demo
from grader.commands.export import export
from grader.commands.grading import check, grade, replay
from grader.commands.host import data, doctor, sandbox
from grader.commands.options import EXIT_NO, EXIT_PROBLEM, EXIT_REJECTED, EXIT_USAGE
from grader.commands.serving import serve, worker
from grader.commands.units import unit
from grader.commands.users import user
from grader.errors import GraderError, RejectedError, UsageError

__all__ = ["EXIT_NO", "EXIT_PROBLEM", "EXIT_REJECTED", "EXIT_USAGE", "main"]


class GraderGroup(click.Group):
    """Turns the exceptions of `grader.errors` into one clear message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except RejectedError as error:
            _show_rejections(error)
            ctx.exit(EXIT_REJECTED)
        except UsageError as error:
            click.echo(f"grader: {error}", err=True)
            ctx.exit(EXIT_USAGE)
        except GraderError as error:
            click.echo(f"grader: {error}", err=True)
            ctx.exit(EXIT_PROBLEM)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:
            traceback.print_exc()  # a bug of ours: the one case where nothing says more than the stack
            ctx.exit(EXIT_PROBLEM)


@click.group(cls=GraderGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade from-scratch deep-learning hand-ins, fairly and unforgeably."""


for command in (
    *(grade, replay, check, submit, doctor, demo),
    *(serve, worker, db, user, course, backup, restore),
    *(unit, export, sandbox, data),
):
    main.add_command(command)


def _show_rejections(error: RejectedError) -> None:
    for rejection in error.rejections:
        click.echo(f"grader: {rejection.path or 'hand-in'}: {rejection.text} [{rejection.code}]", err=True)


if __name__ == "__main__":
    main()
