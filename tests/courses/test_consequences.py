"""What a change of terms would do to students who have worked already."""

from dataclasses import replace
from datetime import timedelta

from grader.courses.consequences import consequences
from grader.courses.unit_terms import terms_of
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AttemptState, Counting, CourseUnit
from tests.people import World, make_submission

HOUR = timedelta(hours=1)


def test_each_thing_that_gets_worse_is_told(database: Database, world: World):
    at = now()
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.opens_at, unit.deadline_at, unit.late_until_at = at - 9 * HOUR, at + 5 * HOUR, at + 9 * HOUR
        session.flush()
        terms = terms_of(unit)

        def told(**changes: object) -> str:
            return "\n".join(consequences(session, unit, replace(terms, **changes), at))  # type: ignore[arg-type]

        assert "Tell them" in told(deadline_at=at + HOUR)
        assert told(counts=Counting.LATEST, is_published=False, max_attempts=1) == "", "nobody has worked yet"

        for _ in range(2):
            make_submission(session, unit, world.ada, received_at=at - HOUR)
        make_submission(session, unit, world.ada, received_at=at, attempt=AttemptState.REFUNDED)
        make_submission(session, unit, world.ben, received_at=at - 3 * HOUR)

        assert told() == ""
        assert told(deadline_at=at + 6 * HOUR, max_attempts=2, title="Other") == ""
        assert "Hand-ins of 1 student, in time until now, become late," in told(deadline_at=at - 2 * HOUR)
        assert "closes at once" in told(deadline_at=at - 2 * HOUR)
        assert "Late hand-ins" in told(late_until_at=None)
        assert "1 student used more than 1" in told(max_attempts=1)
        assert "2 students" in told(counts=Counting.LATEST)
        assert "2 students handed in, and can’t see" in told(is_published=False)
        assert "is open now" in told(opens_at=at + HOUR)
