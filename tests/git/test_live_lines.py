"""The lines that tell of a grading: what there is at each look, to whom it may be shown."""

from typing import Any

import pytest

from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunReport, RunState, Submission
from grader.git.live_lines import LiveLines, plain, result_lines
from grader.judging.result import GradingResult
from grader.results.visibility import STRICTEST, Audience, Filter, filter_for
from tests import cast
from tests.people import World, make_run, make_submission

STRICT = filter_for(STRICTEST, Audience.STUDENT, deadline_over=False)
STAFF = filter_for(STRICTEST, Audience.STAFF, deadline_over=False)


class Scene:
    """One submission, and what happens to it."""

    def __init__(self, database: Database, world: World, state: RunState = RunState.QUEUED):
        self.database = database
        with database.writing() as session:
            submission = make_submission(session, world.unit, world.ada)
            self.run_id = make_run(session, submission, state=state).id
            self.public_id = submission.public_id
        self.number = 0

    def lines(self, allowed: Filter = STRICT) -> LiveLines:
        return LiveLines(self.database, self.public_id, allowed)

    def set(self, **fields: Any) -> None:
        with self.database.writing() as session:
            for name, value in fields.items():
                setattr(session.get_one(GradingRun, self.run_id), name, value)

    def happens(self, kind: str, **data: Any) -> None:
        with self.database.writing() as session:
            self.number += 1
            fence = session.get_one(GradingRun, self.run_id).fence
            session.add(RunEvent(run_id=self.run_id, fence=fence, number=self.number, kind=kind, data=data))

    def finishes(self, result: GradingResult) -> None:
        self.set(state=RunState.GRADED, score=result.score, max_score=result.max_score)
        with self.database.writing() as session:
            session.merge(RunReport(run_id=self.run_id, report=result.to_json()))


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    return Scene(database, world)


def test_it_waits_and_says_so_once(scene: Scene):
    lines = scene.lines()
    assert lines.look() == ["Waiting to be graded: you are next."]
    assert lines.look() == []


def test_tests_and_epochs_are_told_as_they_finish(scene: Scene):
    result = cast.half_done()
    scene.set(state=RunState.RUNNING, fence=1)
    lines = scene.lines()
    assert lines.look() == []
    scene.happens("phase", name="public", title="Public tests")
    first, second = result.to_json()["tests"][:2]
    scene.happens("test", result=first, done=1, total=9)
    assert lines.look() == ["  passed  Linear: test_linear_shapes", "Public tests"]
    scene.happens("test", result=second, done=2, total=9)
    assert len(lines.look()) == 1
    epoch = {"train_loss": 0.3, "val_accuracy": 0.9123}
    scene.happens("epoch", epoch=1, of=3, student=epoch, reference=None)
    assert lines.look() == ["  epoch 1 of 3: accuracy 91.2 %"]
    scene.finishes(result)
    told = lines.look()
    assert lines.is_over
    assert not any(line.endswith("test_linear_shapes") for line in told), "it was told before"
    assert sum(line.startswith("  ") for line in told) >= len(result.tests) - 2
    assert told[-1].startswith("Score: ")


def test_hidden_tests_are_what_the_rules_let_through(scene: Scene):
    result = cast.half_done()
    hidden = [test for test in result.tests if test.id.startswith("hidden/")]
    scene.finishes(result)
    student, staff = "\n".join(scene.lines().look()), "\n".join(scene.lines(STAFF).look())
    for test in hidden:
        name = test.id.partition("::")[2]
        assert name in staff and name not in student
    assert student.count("Hidden test") == len(hidden) > 0


def test_another_worker_begins_anew(scene: Scene):
    test = cast.half_done().to_json()["tests"][0]
    scene.set(state=RunState.RUNNING, fence=1)
    lines = scene.lines()
    scene.happens("test", result=test, done=1, total=9)
    told = lines.look()
    scene.set(fence=2)
    assert lines.look() == ["The grading begins anew: its worker was restarted."]
    scene.happens("test", result=test, done=1, total=9)
    assert lines.look() == told


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.PROBLEM, "The grader failed. Your attempt was given back, and the staff know."),
        (RunState.CANCELLED, "The grading was cancelled."),
        (RunState.SUPERSEDED, "A newer hand-in of yours has taken this one's place"),
    ],
)
def test_other_ends(scene: Scene, state: RunState, said: str):
    scene.set(state=state, problem="KeyError: our secret")
    lines = scene.lines()
    (line,) = lines.look()
    assert lines.is_over and line.startswith(said)


def test_a_regrade_shows_the_result_that_stands(database: Database, world: World):
    scene = Scene(database, world, RunState.GRADED)
    with database.writing() as session:
        submission = session.query(Submission).one()
        make_run(session, submission, state=RunState.QUEUED, stands=False)
    assert scene.lines().look()[-1] == "Score: 100 of 100"


@pytest.mark.parametrize("name", cast.CAST)
def test_whatever_the_result_lines_are_plain_and_short(name: str):
    for line in result_lines(cast.CAST[name]()):
        assert line.isascii() or name == "hostile"
        assert line.isprintable() and len(line) < 400, line


def test_accuracy_and_time_are_set_against_what_is_asked():
    (mnist,) = [line for line in result_lines(cast.too_slow()) if line.startswith("MNIST:")]
    assert (
        mnist
        == "MNIST: accuracy 96.0 % (95.0 % is asked for), time 44.9 s, 4.62 x the reference's (3 x at most)"
    )


def test_plain_lines_cannot_repaint_a_terminal():
    assert plain("\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07end") == "red\\x07 end"
