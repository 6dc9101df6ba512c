"""What the judge tells while it works, and what it writes down about the run."""

import dataclasses

from grader.judging.events import Event, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.judge import Bench
from grader.judging.result import ReviewFlag
from grader.sandbox.interface import Backend
from tests.contract.judging import NN, SEED, graded, job_for


def test_phases_begin_and_end_in_turn_and_every_test_is_told(bench: Bench):
    events: list[Event] = []
    result = graded(job_for(NN.reference), bench, events)
    phases = [(type(event), event.name) for event in events if not isinstance(event, TestFinished)]
    assert phases == [(kind, name) for name in ("loading", "tests") for kind in (PhaseStarted, PhaseFinished)]
    finished = [event for event in events if isinstance(event, TestFinished)]
    assert [event.done for event in finished] == list(range(1, len(result.tests) + 1))
    assert {event.total for event in finished} == {len(result.tests)}
    assert [event.result.id for event in finished] == [test.id for test in result.tests]


def test_provenance_says_where_and_how(bench: Bench, backend: Backend):
    job = job_for(NN.reference)
    provenance = graded(job, bench).provenance
    assert provenance["sandbox"] == backend.name
    assert provenance["root_digest"] == backend.digest()
    assert provenance["seed"] == SEED
    assert provenance["unit_digest"] == NN.digest
    assert provenance["submission_digest"] == job.digest
    assert provenance["with_mnist"] is False
    assert provenance["torch"].startswith("2.") and provenance["python"].startswith("3.11.")
    assert provenance["timings_s"].keys() == {"loading", "tests"}


def test_what_intake_said_reaches_the_report(bench: Bench):
    flag = ReviewFlag("shadows-module", "torch.py", 0, "it is never imported")
    job = dataclasses.replace(
        job_for(NN.reference), ignored=(".DS_Store",), notes=("A note.",), review=(flag,)
    )
    result = graded(job, bench)
    assert (result.ignored, result.notes, result.review) == ((".DS_Store",), ("A note.",), (flag,))


def test_off_limits_calls_are_read_statically_and_cost_points(bench: Bench):
    text = (NN.reference / "g2c" / "nn" / "loss.py").read_text(encoding="utf-8")
    result = graded(job_for(NN.reference, loss=text + "\n\nshortcut = torch.nn.CrossEntropyLoss\n"), bench)
    (rule,) = [test for test in result.tests if test.group == "rules"]
    assert rule.points == -30 and "g2c/nn/loss.py, line" in rule.message
    assert result.score == 55
    assert [flag.code for flag in result.review] == ["off-limits-api"]
