"""What a run found is stored whatever student code said."""

from dataclasses import replace

import sqlalchemy as sa

from grader.db.models import RunFlag
from grader.judging.result import ReviewFlag
from tests.cast import half_done
from tests.jobs.service import Service
from tests.people import make_run, make_submission


def test_flags_quote_what_databases_do_not_take(service: Service):
    flag = ReviewFlag("sandbox-denial", "", 0, "In test_relu: Operation not permitted: 'a\0b\ud800'")
    with service.database.writing() as session:
        submission = make_submission(session, service.world.unit, service.world.ada)
        make_run(session, submission, replace(half_done(), review=(flag,)))
    with service.database.reading() as session:
        (stored,) = session.scalars(sa.select(RunFlag.text))
    assert stored == "In test_relu: Operation not permitted: 'a\\x00b\\ud800'"
