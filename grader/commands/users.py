"""People: user add, user password, user invite, user token."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import timedelta

import click

from grader.errors import UsageError
from grader.settings import load_settings

name_option = click.option("--name", required=True, help="The person's full name.")
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from stdin instead of asking for it."
)


@click.group()
def user() -> None:
    """Add people, and make tokens for their programs."""


@user.command("add")
@click.argument("email")
@name_option
@click.option("--admin", "is_admin", is_flag=True, help="May do everything in every course.")
@password_option
def user_add(email: str, name: str, is_admin: bool, password_stdin: bool) -> None:
    """Make an account for EMAIL, with a password that is asked for."""
    from grader.service.people import add_user
    from grader.service.starting import fit_database

    with closing(fit_database(load_settings())) as database:
        added = add_user(database, email, name, _password(password_stdin), is_admin=is_admin)
    click.echo(f"{added.email} can sign in now{', as an admin' if is_admin else ''}.")


@user.command("password")
@click.argument("email")
@password_option
def user_password(email: str, password_stdin: bool) -> None:
    """Set a new password for EMAIL, end the person's sessions and revoke their API tokens."""
    from grader.service.people import change_password
    from grader.service.starting import fit_database

    with closing(fit_database(load_settings())) as database:
        changed = change_password(database, email, _password(password_stdin))
    click.echo(f"{changed.email} has a new password; sessions and API tokens have ended.")


@user.command("invite")
@click.argument("email")
@name_option
@click.option("--course", required=True, help="The course's name in addresses.", metavar="SLUG")
@click.option(
    "--role", type=click.Choice(["student", "ta", "instructor"]), default="student", show_default=True
)
def user_invite(email: str, name: str, course: str, role: str) -> None:
    """Print a link by which EMAIL joins a course and chooses a password; it works once."""
    from grader.service.people import invite_person
    from grader.service.starting import fit_database

    settings = load_settings()
    with closing(fit_database(settings)) as database:
        token = invite_person(database, email, name, course, role)
    click.echo(f"{settings.public_url}/invitation/{token}")


@user.command("token")
@click.argument("email")
@click.option(
    "--scopes",
    default="submit",
    show_default=True,
    help="What it may do: submit, staff, or both with a comma between.",
    metavar="SCOPES",
)
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, 365), default=120, show_default=True, help="How long.")
def user_token(email: str, scopes: str, name: str, days: int) -> None:
    """Print a new API token for EMAIL; it is shown this once."""
    from grader.service.people import make_token
    from grader.service.starting import fit_database

    wanted = {scope.strip() for scope in scopes.split(",")}
    with closing(fit_database(load_settings())) as database:
        click.echo(make_token(database, email, name, wanted, timedelta(days=days)))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for a password on: use --password-stdin")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
