"""Finding and making accounts, so that two who come at once get one account and not an error."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import User


def locked_account(session: Session, email: str) -> User | None:
    """Return the account with this address as it is now, locked until the transaction ends; None for none."""
    query = sa.select(User).where(User.email == email).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def found_or_made(session: Session, email: str, name: str) -> User:
    """Return the account with this address, locked; one that nobody can sign in to yet if there was none.

    Whoever makes the same account at the same moment is waited for, so what is read of it then is true.
    """
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    values = {"email": email, "name": name, "is_admin": False, "is_active": True, "session_version": 1}
    session.execute(insert(User).values(**values, created_at=now()).on_conflict_do_nothing())
    user = locked_account(session, email)
    assert user is not None  # accounts are never deleted
    return user
