"""The database: what the service remembers, and how it is reached.

Theory of operation. `database.py` opens it (SQLite or PostgreSQL, one URL) and hands out two kinds
of sessions: `reading`, which never takes a write lock, and `writing`, which commits as a whole or not
at all. `models/` holds the tables, a file per noun. The schema is made by the Alembic migrations in
`migrations/`, never by the models; a test holds the two equal on both databases.

Times are UTC with a time zone, everywhere. Texts that come from a closed list are enums in
`models/states.py`, checked by the database too. Rows that tell what happened (audit events) can't
be changed or deleted: the database itself refuses.
"""
