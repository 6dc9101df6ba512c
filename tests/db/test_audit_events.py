"""What happened can't be rewritten: the database refuses, whoever asks."""

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent


@pytest.fixture
def recorded(database: Database) -> Database:
    with database.writing() as session:
        session.add(AuditEvent(action="course.create", subject="Deep learning", details={}))
    return database


@pytest.mark.parametrize("act", ["UPDATE audit_events SET action = 'nothing'", "DELETE FROM audit_events"])
def test_an_audit_event_can_not_be_changed(recorded: Database, act: str):
    with (
        pytest.raises(sa.exc.DatabaseError, match="audit events can not be changed"),
        recorded.writing() as session,
    ):
        session.execute(sa.text(act))
    with recorded.reading() as session:
        assert session.scalars(sa.select(AuditEvent.action)).all() == ["course.create"]
