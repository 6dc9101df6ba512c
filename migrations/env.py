"""Runs the migrations on the connection that `grader.db.migration` hands over."""

from alembic import context

from grader.db.migration import configuration_of

connection = context.config.attributes["connection"]
context.configure(connection=connection, **configuration_of())
with context.begin_transaction():
    context.run_migrations()
