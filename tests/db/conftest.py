"""Tests of the tables run on each kind of database."""

from tests.databases import database, database_kind, empty_url, migrated_url, postgresql

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]
