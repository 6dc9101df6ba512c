"""Signing in with e-mail address and password: one answer, in one time, whatever was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grader.accounts import addresses, passwords, throttle
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import User


@dataclass(frozen=True)
class Device:
    """A browser in which this user has signed in before."""

    user_id: int
    name: str


@dataclass(frozen=True)
class SignInRefused:
    """Not signed in. `wait_s` > 0: not even looked at, because of too many failures here."""

    wait_s: int = 0


def sign_in(
    database: Database,
    email: str,
    password: str,
    address: str,
    device: Device | None = None,
    at: datetime | None = None,
) -> User | SignInRefused:
    """Return the user whose e-mail address and password these are.

    `address` is the network address that asks, `device` what its browser proves to be, `at` now by
    default. A password that was hashed at an older cost is hashed anew.
    """
    at = at or now()
    # No account has a longer address or one with a NUL; what is asked for is written down by the throttle.
    email = addresses.normal(email)[: addresses.MAX_CHARACTERS + 1].replace("\0", "")
    with database.reading() as session:
        user = session.scalar(sa.select(User).where(User.email == email))
    knows_device = device is not None and user is not None and device.user_id == user.id
    place = f"device {device.name}" if device and knows_device else throttle.place_of(address)
    with database.writing() as session:
        wait_s = throttle.wait_s(session, email, place, at)
    if wait_s:
        return SignInRefused(wait_s)
    is_right = passwords.is_right(user.password_hash if user else None, password)
    if user is None or not is_right or not user.is_active:
        return SignInRefused()
    with database.writing() as session:
        throttle.forget(session, email, place)
        if user.password_hash and passwords.is_outdated(user.password_hash):
            session.execute(
                sa.update(User)
                .where(User.id == user.id, User.password_hash == user.password_hash)
                .values(password_hash=passwords.hash_password(password))
            )
    return user
