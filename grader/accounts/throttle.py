"""Slowing down those who guess passwords, without ever locking an account.

Failed sign-ins are counted per account at a place, and per place. A place is a network address, or one
device on which that person has signed in before. After a few failures each further one doubles the time
until the next try from that place is looked at. Nobody can lock out someone else: the account stays
open from every other place, and its owner's own devices are places by themselves, whatever
happens on the same network. Tries that are refused are not counted.
"""

from __future__ import annotations

import ipaddress
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import SignInAttempt

KEPT_FOR = timedelta(days=1)
IPV6_NETWORK_BITS = 64  # what one customer gets: all its addresses are one place


@dataclass(frozen=True)
class Rule:
    """`free` failures within `window` cost nothing; then every `step` more double the wait, from 2 s on."""

    free: int
    step: int
    window: timedelta
    longest_wait_s: int

    def wait_s(self, failures: int) -> int:
        """Return how long after the last of so many failures the next try is looked at."""
        if failures < self.free:
            return 0
        doublings = 1 + (failures - self.free) // self.step
        return min(self.longest_wait_s, 1 << min(doublings, 20))


ACCOUNT_AT_PLACE = Rule(free=5, step=1, window=timedelta(days=1), longest_wait_s=15 * 60)
PLACE = Rule(free=60, step=10, window=timedelta(hours=1), longest_wait_s=60)


def place_of(address: str) -> str:
    """Return the place that a network address belongs to."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
    return str(parsed)


def wait_s(session: Session, email: str, place: str, at: datetime) -> int:
    """Return how many seconds a try for this account from this place must wait; 0: it may be made now.

    If it may, it is counted as failed already, so that many at once are not one; `forget` takes it back.
    """
    _one_at_a_time(session, place)
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at < at - KEPT_FOR))
    here = SignInAttempt.address == place
    wait = max(
        _left_s(session, ACCOUNT_AT_PLACE, here & (SignInAttempt.email == email), at),
        _left_s(session, PLACE, here, at),
    )
    if wait == 0:
        session.add(SignInAttempt(email=email, address=place, at=at))
    return wait


def forget(session: Session, email: str, place: str) -> None:
    """Forget the failures of this account at this place: its owner has just signed in there."""
    session.execute(
        sa.delete(SignInAttempt).where(SignInAttempt.email == email, SignInAttempt.address == place)
    )


def _left_s(session: Session, rule: Rule, which: sa.ColumnElement[bool], at: datetime) -> int:
    failures, last = session.execute(
        sa.select(sa.func.count(), sa.func.max(SignInAttempt.at)).where(
            which, SignInAttempt.at > at - rule.window
        )
    ).one()
    if last is None:
        return 0
    left = rule.wait_s(failures) - (at - last).total_seconds()
    return max(0, -int(-left // 1))  # rounded up


def _one_at_a_time(session: Session, place: str) -> None:
    """Let tries from one place count one after the other; SQLite's writers do so by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(zlib.crc32(place.encode()))))
