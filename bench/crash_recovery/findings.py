"""What is in the database when all is over."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bench.service.students import Student
from grader.db.database import Database
from grader.db.models import GradingRun, RunReport, RunState, RunTest, Submission

# Counts publications by itself, whatever the program believes.
TRIGGERS = {
    "sqlite": [
        "CREATE TABLE bench_published (run_id INTEGER NOT NULL)",
        "CREATE TRIGGER bench_count AFTER UPDATE ON grading_runs "
        "WHEN new.state = 'graded' AND (old.state <> 'graded' OR old.finished_at <> new.finished_at) "
        "BEGIN INSERT INTO bench_published VALUES (new.id); END",
    ],
    "postgresql": [
        "CREATE TABLE bench_published (run_id integer NOT NULL)",
        "CREATE FUNCTION bench_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO bench_published VALUES (new.id); RETURN new; END $$",
        "CREATE TRIGGER bench_count AFTER UPDATE ON grading_runs FOR EACH ROW "
        "WHEN (new.state = 'graded' AND (old.state <> 'graded' OR old.finished_at <> new.finished_at)) "
        "EXECUTE FUNCTION bench_count()",
    ],
}


def count_publications(database: Database) -> None:
    """Let the database count from now on how often each run's result is published."""
    with database.writing() as session:
        for statement in TRIGGERS[session.get_bind().dialect.name]:
            session.execute(sa.text(statement))


def all_final(database: Database) -> bool:
    """Whether no run waits or runs."""
    with database.reading() as session:
        states = session.scalars(sa.select(GradingRun.state)).all()
    return all(state.is_final for state in states)


def examine(database: Database, students: list[Student]) -> dict[str, Any]:
    """Return what became of the hand-ins; `lost`, `doubled` and `unfinished` should be 0."""
    with database.reading() as session:
        stored = set(session.scalars(sa.select(Submission.public_id)))
        runs = session.scalars(sa.select(GradingRun)).all()
        published = session.scalars(sa.text("SELECT run_id FROM bench_published")).all()
        reported = set(session.scalars(sa.select(RunReport.run_id)))
        tested = set(session.scalars(sa.select(RunTest.run_id).distinct()))
    graded = {run.id for run in runs if run.state is RunState.GRADED}
    promised = {student.submission for student in students}
    waits = sorted((run.finished_at - run.queued_at).total_seconds() for run in runs if run.finished_at)
    return {
        "hand_ins": len(students),
        "repeated_requests": sum(student.requests - 1 for student in students),
        "lost": len(promised - stored),
        "stored_twice": len(stored) - len(promised & stored),
        "doubled": len(published) - len(set(published)) + len(runs) - len(stored),
        "unfinished": sum(not run.state.is_final for run in runs),
        "problems": sum(run.state is RunState.PROBLEM for run in runs),
        "graded": len(graded),
        "inconsistent": len(graded ^ reported) + len(graded ^ tested) + len(graded ^ set(published)),
        "resumed_runs": sum(run.fence > 1 for run in runs),
        "resumptions": sum(max(0, run.fence - 1) for run in runs),
        "own_failures": sum(run.tries for run in runs),
        "median_wait_s": waits[len(waits) // 2] if waits else None,
        "longest_wait_s": waits[-1] if waits else None,
    }


def is_flawless(found: dict[str, Any]) -> bool:
    """Whether nothing was lost, doubled or left unfinished."""
    flaws = ("lost", "stored_twice", "doubled", "unfinished", "problems", "inconsistent")
    return found["graded"] == found["hand_ins"] and not any(found[flaw] for flaw in flaws)
