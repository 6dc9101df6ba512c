"""Replays, regrades of one and of all, promoted and undone in any order: what stands is always one result."""

import random

import pytest
import sqlalchemy as sa

from grader.db.models import AttemptState, GradingRun, Regrade, RegradeState, RunState, Submission
from grader.errors import RefusedError
from grader.jobs.regrading import regrade as regrade_one
from grader.jobs.regrading import replay
from grader.regrades.controlling import cancel
from grader.regrades.preview import preview
from grader.regrades.promoting import promote, undo
from tests.regrades.acted import Acted, failing

STEPS = 45


@pytest.fixture(scope="session", params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


def check(acted: Acted) -> None:
    with acted.database.reading() as session:
        submissions = session.scalars(sa.select(Submission)).all()
        standing = session.scalars(sa.select(GradingRun).where(GradingRun.stands)).all()
        assert sorted(run.submission_id for run in standing) == sorted(each.id for each in submissions)
        assert {each.attempt for each in submissions} == {AttemptState.USED}
        for run in standing:
            assert (run.state, run.repeats_run_id) == (RunState.GRADED, None)
            if run.regrade_id is not None:
                assert session.get_one(Regrade, run.regrade_id).state is RegradeState.PROMOTED
        for each in session.scalars(sa.select(Regrade)):
            preview(session, each)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_order(acted: Acted, seed: int):
    draw = random.Random(seed)
    acted.verdict = lambda email, unit: failing(*draw.sample(["test_relu", "test_weight_decay"], 1))
    people = [acted.world.ada, acted.world.ben]
    for person in people:
        acted.hand_in(person)
    versions = [acted.store("first")]
    acted.change_tests()
    versions.append(acted.store("second"))
    ids: list[int] = []
    refused = done = 0
    for _ in range(STEPS):
        what = draw.choice(["hand_in", "one", "replay", "start", "finish", "promote", "undo", "cancel"])
        try:
            match what:
                case "hand_in":
                    acted.hand_in(draw.choice(people))
                case "one" | "replay":
                    with acted.database.writing() as session:
                        submission = draw.choice(session.scalars(sa.select(Submission)).all())
                        act = regrade_one if what == "one" else replay
                        act(session, acted, submission, acted.world.tara)
                case "start":
                    ids.append(acted.start(draw.choice(versions)))
                case "finish":
                    acted.finish()
                case _ if ids:
                    before = acted.scores()
                    chosen = draw.choice(ids)
                    acted.do({"promote": promote, "undo": undo, "cancel": cancel}[what], chosen)
                    if what == "promote" and draw.random() < 0.3:
                        acted.do(undo, chosen)
                        assert acted.scores() == before, "undone at once, nothing has changed"
            done += 1
        except RefusedError:
            refused += 1
        check(acted)
    assert done > refused
