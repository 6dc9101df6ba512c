"""Linking a repository to a unit: which addresses are taken, and the secrets that go with a link."""

from __future__ import annotations

import re
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, CommitStatus, CourseUnit, Push, RepositoryLink
from grader.errors import OutboundRefused, UsageError
from grader.outbound.places import parse
from grader.sealing import Sealer
from grader.webhooks.signing import new_secret

SECRET_PURPOSE = "repository link secret"
TOKEN_PURPOSE = "repository link token"
HOST_GONE = "Pushes from this host are not taken any more. Ask the staff."
MAX_TOKEN_CHARACTERS = 500
NAME = r"(?!\.)[A-Za-z0-9_.-]{1,100}(?<!\.git)"
REPOSITORY = re.compile(rf"/({NAME}(?:/{NAME}){{1,20}})(?:\.git)?/?")
SSH_FORM = re.compile(r"(?:ssh://)?git@(?P<host>[A-Za-z0-9.-]+)[:/](?P<path>[A-Za-z0-9_./-]+)")
TOKEN = re.compile(r"[\x21-\x7e]+")


def read_repository(text: str, hosts: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the kind of host and the plain address of the repository that somebody typed.

    `hosts` are (kind, origin) pairs. Raises UsageError, saying what is expected.
    """
    allowed = {origin: kind for kind, origin in hosts}
    example = f"{next(iter(allowed), '')}/ada/nn"
    expected = f"Give the address of a repository at {' or '.join(allowed)}, such as {example}."
    text = text.strip()
    if ssh := SSH_FORM.fullmatch(text):
        text = f"https://{ssh['host']}/{ssh['path']}"
    try:
        place = parse(text)
    except OutboundRefused:
        raise UsageError(expected) from None
    repository = REPOSITORY.fullmatch(place.path)
    if place.origin not in allowed or repository is None or ".." in place.path:
        raise UsageError(expected)
    return allowed[place.origin], f"{place.origin}/{repository[1]}"


def origin_and_repository(link: RepositoryLink) -> tuple[str, str]:
    """Return the link's host as an origin, and the repository as `owner/name`."""
    place = parse(link.url)
    return place.origin, place.path.removeprefix("/")


def is_at_known_host(link: RepositoryLink, hosts: Iterable[tuple[str, str]]) -> bool:
    """Whether the link's host is still among the `hosts`, (kind, origin) pairs: else it is sent nothing."""
    origin, _ = origin_and_repository(link)
    return (link.kind, origin) in hosts


def find_link(session: Session, course_unit_id: int, user_id: int) -> RepositoryLink | None:
    """Return the person's link for the unit, locked for whoever writes; None if there is none."""
    return session.scalar(
        sa.select(RepositoryLink)
        .where(RepositoryLink.course_unit_id == course_unit_id, RepositoryLink.user_id == user_id)
        .with_for_update()
    )


def link_repository(
    session: Session, sealer: Sealer, course_unit_id: int, user_id: int, kind: str, url: str
) -> str:
    """Link the repository to the person's unit, in the place of any before; return the secret, shown once."""
    if (earlier := find_link(session, course_unit_id, user_id)) is not None:
        remove_link(session, earlier)
    secret = new_secret()
    link = RepositoryLink(
        course_unit_id=course_unit_id,
        user_id=user_id,
        kind=kind,
        url=url,
        secret=sealer.seal(secret, SECRET_PURPOSE),
    )
    session.add(link)
    session.flush()
    _record(session, link, "repository.link")
    return secret


def renew_secret(session: Session, sealer: Sealer, link: RepositoryLink) -> str:
    """Give the link a new secret and return it; deliveries signed by the one before are refused."""
    secret = new_secret()
    link.secret = sealer.seal(secret, SECRET_PURPOSE)
    _record(session, link, "repository.renew_secret")
    return secret


def set_token(
    session: Session, sealer: Sealer, link: RepositoryLink, token: str, *, reports_status: bool
) -> None:
    """Keep the token for fetching and reporting; forget the present one if it is empty. Raises UsageError."""
    if token and (len(token) > MAX_TOKEN_CHARACTERS or not TOKEN.fullmatch(token)):
        raise UsageError("A token is one word of letters, digits and signs.")
    link.token = sealer.seal(token, TOKEN_PURPOSE) if token else None
    link.reports_status = bool(token) and reports_status
    _record(session, link, "repository.set_token" if token else "repository.forget_token")


def remove_link(session: Session, link: RepositoryLink) -> None:
    """Forget the link, its secrets and its pushes; what was handed in stays."""
    _record(session, link, "repository.unlink")
    pushes = sa.select(Push.id).where(Push.link_id == link.id)
    session.execute(sa.delete(CommitStatus).where(CommitStatus.push_id.in_(pushes)))
    session.execute(sa.delete(Push).where(Push.link_id == link.id))
    session.delete(link)
    session.flush()


def _record(session: Session, link: RepositoryLink, action: str) -> None:
    session.flush()
    session.add(
        AuditEvent(
            actor_id=link.user_id,
            concerns_id=link.user_id,
            course_id=session.scalar(_course_id(link)),
            action=action,
            subject=link.url,
            details={},
        )
    )


def _course_id(link: RepositoryLink) -> sa.Select[int]:
    return sa.select(CourseUnit.course_id).where(CourseUnit.id == link.course_unit_id)
