"""How the database is reached: networks are not waited for without end, nor writers to see the schema."""

import pytest
import sqlalchemy as sa

from grader.db import migration
from grader.db.database import NETWORK_TIMEOUTS, Database, with_network_timeouts


def test_the_revision_is_read_while_somebody_writes(database: Database):
    with database.writing() as session:
        session.execute(sa.text("UPDATE courses SET title = title"))
        assert migration.is_current(database)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_connections_have_network_timeouts(database: Database):
    with database.engine.connect() as connection:
        found = connection.connection.driver_connection.info.get_parameters()
    assert found.items() >= NETWORK_TIMEOUTS.items()


def test_a_url_s_own_timeouts_count():
    url = sa.make_url(with_network_timeouts("postgresql+psycopg://grader:a%40b@db/grader?connect_timeout=3"))
    assert url.query == {**NETWORK_TIMEOUTS, "connect_timeout": "3"}
    assert (url.password, url.database) == ("a@b", "grader")
    assert with_network_timeouts("sqlite:///grader.sqlite") == "sqlite:///grader.sqlite"
