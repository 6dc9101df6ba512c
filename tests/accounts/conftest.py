"""Accounts behave the same on each kind of database; most tests need no more than SQLite."""

from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.people import cheap_hashing

__all__ = ["cheap_hashing", "database", "database_kind", "empty_url", "migrated_url", "postgresql"]
