"""What waits for review: which attempts are one group, which count, and what one decision settles."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, Counting, CourseUnit, FlagVerdict, GradingRun, Submission
from grader.judging.result import ReviewFlag
from grader.review import settling
from grader.review.kinds import Kind
from grader.review.queue import Search, case_of, cases, open_count
from grader.review.settling import settle, take_back
from tests import cast
from tests.people import World, make_run, make_submission

USES = "g2c/nn/train.py, line {line} uses torch.nn.functional.cross_entropy. This unit asks …"
LOADS = "g2c/nn/modules.py, line {line}: torch.load can bring in weights."


def uses(line: int) -> ReviewFlag:
    return ReviewFlag("off-limits-api", "g2c/nn/train.py", line, USES.format(line=line))


def loads(line: int) -> ReviewFlag:
    return ReviewFlag("pretrained-weights", "g2c/nn/modules.py", line, LOADS.format(line=line))


NOTE = ReviewFlag("noted-api", "g2c/nn/loss.py", 3, "g2c/nn/loss.py, line 3 mentions torch.log_softmax.")


@pytest.fixture
def session(database: Database, world: World):
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).counts = Counting.LATEST
        yield session


@pytest.fixture
def flag(session, world):
    def flag(*flags: ReviewFlag, person=None) -> Submission:
        submission = make_submission(session, world.unit, person or world.ada)
        make_run(session, submission, replace(cast.reference(), review=flags))
        return submission

    return flag


def shown(session, world, **search):
    """Each group as its student, code and attempts."""
    unit = session.get_one(CourseUnit, world.unit.id)
    return [
        (case.student.name.split()[0], group.code, [attempt.number for attempt in group.attempts])
        for case in cases(session, [unit], Search(**search))
        for group in case.groups
    ]


def decide(
    session, world, submission, code="off-limits-api", verdict=FlagVerdict.DISMISSED, note="", seen=None
):
    unit = session.get_one(CourseUnit, world.unit.id)
    why_not = settle(session, unit, submission, code, verdict, note, seen, world.tara, "192.0.2.7")
    session.flush()
    return why_not


def test_a_line_that_only_moved_is_the_same_and_what_is_new_is_a_group_of_its_own(session, world, flag):
    flag(uses(88))
    flag(uses(91))
    assert shown(session, world) == [("Ada", "off-limits-api", [1, 2])]
    flag(uses(91), ReviewFlag("off-limits-api", "g2c/nn/loss.py", 2, "another line"))
    flag(uses(70))  # less again
    assert shown(session, world, counting=False) == [
        ("Ada", "off-limits-api", [1, 2]),
        ("Ada", "off-limits-api", [3, 4]),
    ]


def test_only_what_a_grade_comes_from_waits_unless_all_is_asked_for(session, world, flag):
    flag(uses(88))
    flag()
    flag(loads(5), NOTE, person=world.ben)
    assert shown(session, world) == [("Ben", "pretrained-weights", [1])]
    assert len(shown(session, world, counting=False)) == 2
    assert shown(session, world, kind=Kind.NOTES) == [("Ben", "noted-api", [1])]
    assert shown(session, world, kind=Kind.CODE) == []


def test_a_run_that_does_not_stand_is_nobodys_business(session, world, flag):
    submission = flag(uses(88))
    run = session.scalars(sa.select(GradingRun).where(GradingRun.submission_id == submission.id)).one()
    run.stands = False
    session.flush()
    make_run(session, submission, cast.reference())
    assert shown(session, world, counting=False) == []


def test_one_decision_settles_the_group_and_the_attempts_to_come(session, world, flag):
    first, second = flag(uses(88), loads(5)), flag(uses(90), loads(5))
    assert open_count(session, [session.get_one(CourseUnit, world.unit.id)]) == 1
    assert decide(session, world, second) == ""
    assert shown(session, world) == [("Ada", "pretrained-weights", [1, 2])]
    flag(uses(95))
    assert shown(session, world, settled=True) == [("Ada", "off-limits-api", [1, 2, 3])]
    case = case_of(session, first, session.get_one(CourseUnit, world.unit.id))
    assert {group.code: group.decision is not None for group in case.groups} == {
        "off-limits-api": True,
        "pretrained-weights": False,
    }
    flag(uses(95), ReviewFlag("off-limits-api", "g2c/nn/loss.py", 2, "another line"))
    assert shown(session, world) == [("Ada", "off-limits-api", [4])]


def test_taken_back_it_waits_again_and_all_is_in_the_trail(session, world, flag):
    submission = flag(uses(88))
    unit = session.get_one(CourseUnit, world.unit.id)
    assert decide(session, world, submission, verdict=FlagVerdict.ACTED_ON) == settling.NOTE_NEEDED
    assert decide(session, world, submission, verdict=FlagVerdict.ACTED_ON, note="Spoke with Ada.") == ""
    assert shown(session, world) == []
    held = case_of(session, submission, unit).groups[0].decision
    assert (held.verdict, held.note, held.decided_by.name) == ("acted_on", "Spoke with Ada.", "Tara Rao")
    assert take_back(session, unit, submission, "off-limits-api", held.id, world.ines, None) == ""
    assert shown(session, world) == [("Ada", "off-limits-api", [1])]
    events = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(event.action, event.concerns_id, event.details["reason"]) for event in events] == [
        ("flag.act-on", world.ada.id, "Spoke with Ada."),
        ("flag.take-back", world.ada.id, ""),
    ]


def test_who_has_not_seen_the_newest_decision_does_not_decide(session, world, flag):
    submission = flag(uses(88))
    unit = session.get_one(CourseUnit, world.unit.id)
    assert decide(session, world, submission) == ""
    assert decide(session, world, submission) == settling.MOVED_ON
    assert take_back(session, unit, submission, "off-limits-api", None, world.ines, None) == settling.MOVED_ON
    assert decide(session, world, submission, code="odd-timing") == settling.GONE
