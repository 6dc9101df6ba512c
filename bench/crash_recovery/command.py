"""The command line of the crash tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click

from bench.crash_recovery.findings import all_final, count_publications, examine, is_flawless
from bench.crash_recovery.mishaps import Mishaps
from bench.crash_recovery.page import publish, render
from bench.machine import commit, origin
from bench.publication import ROOT
from bench.service.running import DATABASES, GRADINGS, empty_database, running_service
from bench.service.students import Crowd, enrol_students

SPREAD_S = {"acted": 60.0, "real": 120.0}
MEAN_PAUSE_S = {"acted": 4.0, "real": 12.0}
FINISH_TIMEOUT_S = 600.0
LOOK_S = 0.2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--hand-ins", type=click.IntRange(1), default=60, show_default=True)
@click.option("--database", type=click.Choice(DATABASES), help="On this one only; default: both.")
@click.option("--grading", type=click.Choice(GRADINGS), help="With this only; default: both.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides when what is killed.")
def main(hand_ins: int, database: str | None, grading: str | None, seed: int) -> None:
    """Kill the service at random moments while hand-ins are graded, and count what is lost: nothing.

    Each scenario's figures go to docs/reference/crash-recovery.md in place of the earlier ones. The exit code
    is 1, and nothing is written, if anything was lost, doubled or left unfinished.
    """
    for each_grading in [grading] if grading else GRADINGS:
        for each_database in [database] if database else DATABASES:
            name = f"{each_database}, {each_grading}"
            click.echo(name, err=True)
            taken = {**origin(), "commit": commit()}
            found = {**taken, **_run(each_database, each_grading, hand_ins, seed)}
            click.echo(render({name: found}))
            if not is_flawless(found):
                raise SystemExit(1)
            publish({name: found})


def _run(database_kind: str, grading: str, hand_ins: int, seed: int) -> dict[str, Any]:
    """Run one scenario from an empty database; return what was found, and the mishaps."""
    with empty_database(database_kind) as ground:
        database = ground.database
        students = enrol_students(database, hand_ins)
        count_publications(database)
        with running_service(ground, grading) as running:
            folder_to_pack = ROOT / ("reference" if grading == "real" else "student_template") / "nn"
            crowd = Crowd(f"http://{running.address}", students, folder_to_pack, SPREAD_S[grading])
            mishaps = Mishaps(running.web, running.worker, ground.restart, MEAN_PAUSE_S[grading], seed)
            began_at = time.monotonic()
            crowd.start()
            mishaps.start()
            _wait(lambda: time.monotonic() - began_at > SPREAD_S[grading])
            mishaps.stop()
            _wait(lambda: crowd.all_answered() and all_final(database))
            return {
                **examine(database, students),
                "mishaps": dict(mishaps.counted),
                "lasted_s": round(time.monotonic() - began_at, 1),
            }


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + FINISH_TIMEOUT_S
    while time.monotonic() < deadline and not happened():
        time.sleep(LOOK_S)
