"""The schema that migrations make is the one that the models describe, up and down again."""

import sqlalchemy as sa

from grader.db import migration
from grader.db.base import Base
from grader.db.database import Database, open_database
from tests.databases import NewUrl

ALEMBICS_OWN = "alembic_version"


def checks(database: Database) -> dict[str, set[str]]:
    """Names of CHECK constraints by table, which Alembic's comparison leaves out."""
    inspector = sa.inspect(database.engine)
    return {
        table: {str(check["name"]) for check in inspector.get_check_constraints(table)}
        for table in Base.metadata.tables
    }


def test_a_fresh_schema_equals_the_models(database: Database):
    assert migration.differences(database) == []


def test_checks_of_enums_are_there(database: Database):
    described = {
        name: {
            str(constraint.name)
            for constraint in table.constraints
            if isinstance(constraint, sa.CheckConstraint)
        }
        for name, table in Base.metadata.tables.items()
    }
    assert checks(database) == described


def test_tables_made_from_the_models_equal_migrated_ones(database: Database, empty_url: NewUrl):
    made = open_database(empty_url())
    Base.metadata.create_all(made.engine)
    assert migration.differences(made) == []
    assert checks(made) == checks(database)
    made.close()


def test_downgrade_takes_everything_away_and_upgrade_brings_it_back(database: Database):
    migration.downgrade(database, "base")
    assert set(sa.inspect(database.engine).get_table_names()) <= {ALEMBICS_OWN}
    assert not migration.is_current(database)
    migration.upgrade(database)
    assert migration.differences(database) == []
    assert migration.is_current(database)


def test_a_migrated_database_is_current(database: Database):
    assert migration.is_current(database)
    migration.upgrade(database)
    assert migration.is_current(database)


def test_an_empty_database_is_not_current(empty_url: NewUrl):
    empty = open_database(empty_url())
    assert migration.current_revision(empty) is None
    assert not migration.is_current(empty)
    empty.close()
