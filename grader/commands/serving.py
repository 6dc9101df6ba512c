"""The processes of the service: serve, worker."""

from __future__ import annotations

import sys

import click

from grader.settings import Settings, load_settings

FIRST_ADMIN = """\
Nobody can sign in yet. Make the first admin, in another terminal:
    grader user add YOU@EXAMPLE.ORG --name "YOUR NAME" --admin"""


@click.command()
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=True,
    help="Whether to run a worker beside the web server.",
)
def serve(with_worker: bool) -> None:
    """Run the service at the setting `listen`: web server and one worker, until Ctrl-C or SIGTERM."""
    from grader.service.logs import configure_logging
    from grader.service.starting import fit_database, has_users

    settings = load_settings()
    configure_logging(settings.log_format)
    database = fit_database(settings)
    if with_worker:
        if not has_users(database):
            click.echo(FIRST_ADMIN, err=True)
        database.close()
        _supervise()
    else:
        database.close()
        _serve_web(settings)


@click.command()
@click.option(
    "--slots", type=click.IntRange(1), help="Submissions at once; default: the setting `worker_slots`."
)
def worker(slots: int | None) -> None:
    """Grade what is in the queue until Ctrl-C or SIGTERM; what has begun is finished first."""
    from grader.jobs.worker import run_worker
    from grader.service.logs import configure_logging
    from grader.service.starting import fit_database

    settings = load_settings()
    configure_logging(settings.log_format)
    fit_database(settings).close()
    run_worker(settings, slots or settings.worker_slots)


def _supervise() -> None:
    from grader.service.supervisor import Child, supervise

    grader = (sys.executable, "-m", "grader.cli")
    sys.exit(
        supervise([Child("web", [*grader, "serve", "--no-worker"]), Child("worker", [*grader, "worker"])])
    )


def _serve_web(settings: Settings) -> None:
    from grader.secret_key import secret_key
    from grader.service.web_server import WebServer

    secret_key(settings)  # a wrong one is told in a sentence here, before any process is started
    WebServer(settings).run()
