"""Sending commits' statuses to their hosts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import joinedload

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CommitStatus, CourseUnit, Push, RepositoryLink
from grader.errors import OutboundError, SealError
from grader.outbound import errands
from grader.outbound.client import Outbound
from grader.pushes.hosts import HOSTS
from grader.pushes.hosts.host import Report
from grader.pushes.links import HOST_GONE, TOKEN_PURPOSE, is_at_known_host, origin_and_repository
from grader.sealing import Sealer
from grader.settings import Settings

log = structlog.get_logger("grader.pushes")

PAUSES_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 4 * 3600.0, 12 * 3600.0)
REFUSED = {
    401: "The host does not accept the token: is it right, and still good?",
    403: "The token may not report statuses: it needs the right to write them.",
    404: "The host does not know the repository or the commit, or the token may not see it.",
}


class Reporting:
    """The errand of reporting statuses."""

    def __init__(self, database: Database, outbound: Outbound, sealer: Sealer, settings: Settings):
        self._database = database
        self._outbound = outbound
        self._sealer = sealer
        self._public_url = settings.public_url
        self._hosts = settings.repository_hosts

    def take(self) -> Callable[[], None] | None:
        """Take a status that is due; return what reports it."""
        key = errands.take_due(self._database, CommitStatus)
        return None if key is None else partial(self._report, key)

    def _report(self, push_id: int) -> None:
        with self._database.reading() as session:
            status = session.scalar(
                sa.select(CommitStatus)
                .where(CommitStatus.push_id == push_id)
                .options(
                    joinedload(CommitStatus.push).options(
                        joinedload(Push.submission),
                        joinedload(Push.link)
                        .joinedload(RepositoryLink.course_unit)
                        .joinedload(CourseUnit.course),
                    )
                )
            )
        if status is not None:  # else the link was removed
            self._record(status, self._send(status))

    def _send(self, status: CommitStatus) -> str | None:
        """Send the status; return what went wrong, if anything."""
        link = status.push.link
        if link.token is None:
            return None  # forgotten meanwhile
        if not is_at_known_host(link, self._hosts):
            return HOST_GONE
        try:
            token = self._sealer.open(link.token, TOKEN_PURPOSE)
            request = HOSTS[link.kind].status_request(report_of(status, self._public_url), token)
            answer = self._outbound.send(request)
        except (OutboundError, SealError) as error:
            return str(error)
        if answer.is_success:
            return None
        return REFUSED.get(answer.status, f"The host answered {answer.status}.")

    def _record(self, sent: CommitStatus, problem: str | None) -> None:
        with self._database.writing() as session:
            status = session.get(CommitStatus, sent.push_id, with_for_update=True)
            if status is None:
                return
            if problem is not None:
                log.info("status_not_reported", push=status.push_id, problem=problem)
            if status.version != sent.version:
                status.leased_until = None  # what is wanted has changed meanwhile: it is due
            elif problem is not None:
                errands.try_again(status, problem, PAUSES_S, now())
            else:
                errands.finish(status)
            if problem is None:
                status.sent = sent.wanted


def report_of(status: CommitStatus, public_url: str) -> Report:
    """Return what the host is told, with the page that says more."""
    push = status.push
    unit = push.link.course_unit
    origin, repository = origin_and_repository(push.link)
    path = (
        f"/courses/{unit.course.slug}/{unit.slug}/repository"
        if push.submission is None
        else f"/submissions/{push.submission.public_id}"
    )
    return Report(
        origin=origin,
        repository=repository,
        commit=push.commit,
        state=status.wanted,
        description=status.description,
        target_url=f"{public_url}{path}",
        context=f"grader/{unit.slug}",
    )
