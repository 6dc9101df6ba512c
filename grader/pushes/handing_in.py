"""Making a submission of a push: fetched, compared with what was handed in before, and accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CommitState, CourseUnit, Push, PushState, RepositoryLink, Submission
from grader.errors import GraderError, OutboundError, OutboundRefused, RefusedError, RejectedError
from grader.outbound import errands
from grader.outbound.client import Outbound
from grader.pushes import statuses
from grader.pushes.fetching import Credentials, Fetcher
from grader.pushes.hosts import HOSTS
from grader.pushes.links import HOST_GONE, TOKEN_PURPOSE, is_at_known_host
from grader.pushes.ordering import Order, last_handed_in, of_chain
from grader.sealing import Sealer
from grader.settings import Settings
from grader.submissions.accept import Accepted, Queue, accept
from grader.submissions.commits import upload_of_commit
from grader.versions.finding import root_for

log = structlog.get_logger("grader.pushes")

PAUSES_S = (2.0, 10.0, 60.0, 300.0, 1800.0, 3600.0)
MAX_TRIES = 20  # those cut off by the death of their worker included
ANCESTRY_TRIES = 3  # so often the commit that was handed in last is asked for
NEVER_DONE = "It could not be handed in: each try was cut off. Tell the staff."
OLDER = "A newer commit had been handed in before: this one was left out."
NOT_PUBLISHED = "The unit is not open yet."


class HandingIn:
    """The errand of handing in pushes, those of one link one after the other."""

    def __init__(
        self, database: Database, queue: Queue, outbound: Outbound, sealer: Sealer, settings: Settings
    ):
        self._database = database
        self._queue = queue
        self._fetcher = Fetcher(outbound)
        self._sealer = sealer
        self._settings = settings

    def take(self) -> Callable[[], None] | None:
        """Take a push that is due, of a link that nobody is at; return what hands it in."""
        busy = sa.select(RepositoryLink.id).where(RepositoryLink.leased_until > now())
        key = errands.take_due(self._database, Push, Push.link_id.not_in(busy))
        if key is None:
            return None
        with self._database.writing() as session:
            push = session.get(Push, key)
            if push is None:
                return None
            at = now()
            held = session.scalar(
                sa.update(RepositoryLink)
                .where(
                    RepositoryLink.id == push.link_id,
                    sa.or_(RepositoryLink.leased_until.is_(None), RepositoryLink.leased_until < at),
                )
                .values(leased_until=at + timedelta(seconds=errands.LEASE_S))
                .returning(RepositoryLink.id)
            )
            if held is None:  # another worker was quicker: later
                push.leased_until = None
                push.tries -= 1
                return None
        return partial(self._hand_in, key)

    def _hand_in(self, push_id: int) -> None:
        with self._database.reading() as session:
            push = session.scalar(
                sa.select(Push)
                .where(Push.id == push_id)
                .options(joinedload(Push.link).joinedload(RepositoryLink.course_unit))
            )
        if push is None:
            return  # the link was removed
        bound = log.bind(link=push.link.public_id, commit=push.commit)
        if push.tries > MAX_TRIES:
            bound.error("push_is_never_done")
            self._end(push, PushState.FAILED, NEVER_DONE)
            return
        try:
            accepted = self._accepted(push)
        except (RejectedError, RefusedError, OutboundRefused) as error:
            bound.info("push_refused", reason=str(error))
            self._end(push, PushState.REFUSED, str(error))
        except GraderError as error:  # the next try may succeed
            bound.info("push_not_fetched", problem=str(error))
            self._try_again(push, str(error))
        else:
            bound.info("push_handed_in", submission=accepted and accepted.public_id)
            if accepted is None:
                self._end(push, PushState.OLDER, OLDER)
            else:
                self._end(push, PushState.HANDED_IN, None, accepted)

    def _accepted(self, push: Push) -> Accepted | None:
        """Hand the push in; None if it is older than what was handed in before. Raises why it can't be."""
        link = push.link
        if not link.course_unit.is_published:
            raise RefusedError("not-open-yet", NOT_PUBLISHED)
        if not is_at_known_host(link, self._settings.repository_hosts):
            raise OutboundRefused(HOST_GONE)
        credentials = self._credentials(link)
        last, order = self._standing(push)
        if order is Order.OLDER:
            return None
        files = self._fetcher.files_of(link.url, push.commit, credentials)
        if last is not None and order is Order.UNKNOWN and self._is_ancestor_of(last, push, credentials):
            return None
        with self._database.reading() as session:
            root = root_for(session, session.get_one(CourseUnit, link.course_unit_id), self._settings)
        upload = upload_of_commit(files, push.commit, f"push {link.public_id} {push.commit}")
        return accept(
            self._database,
            self._queue,
            root,
            link.course_unit_id,
            link.user_id,
            upload,
            push.received_at,
        )

    def _credentials(self, link: RepositoryLink) -> Credentials | None:
        if link.token is None:
            return None
        return HOSTS[link.kind].credentials(self._sealer.open(link.token, TOKEN_PURPOSE))

    def _standing(self, push: Push) -> tuple[str | None, Order]:
        """Return the commit that was handed in last, and how the push's stands to it as far as was told."""
        with self._database.reading() as session:
            last = last_handed_in(session, push)
            return last, Order.NEWER if last is None else of_chain(session, push, last)

    def _is_ancestor_of(self, last: str, push: Push, credentials: Credentials | None) -> bool:
        """Whether the history has the push's commit below `last`.

        A host may have `last` no more, after a forced push or in a repository made anew: the two went
        separate ways, if it is still so after some tries.
        """
        try:
            return self._fetcher.is_ancestor(push.link.url, push.commit, last, credentials)
        except OutboundError:
            if push.tries < ANCESTRY_TRIES:
                raise
            return False

    def _end(self, push: Push, state: PushState, text: str | None, accepted: Accepted | None = None) -> None:
        with self._database.writing() as session:
            if (row := _still_held(session, push)) is not None:
                _write_end(session, row, state, text, accepted)

    def _try_again(self, push: Push, problem: str) -> None:
        with self._database.writing() as session:
            if (row := _still_held(session, push)) is None:
                return
            if errands.try_again(row, problem, PAUSES_S, now()):
                row.link.leased_until = None
            else:
                _write_end(session, row, PushState.FAILED, f"The commit could not be fetched. {problem}")


def _write_end(
    session: Session, push: Push, state: PushState, text: str | None, accepted: Accepted | None = None
) -> None:
    errands.finish(push)
    push.link.leased_until = None
    push.state, push.text = state, text
    if accepted is not None:
        push.submission_id = session.scalar(
            sa.select(Submission.id).where(Submission.public_id == accepted.public_id)
        )
        statuses.tell_of_hand_in(session, push)
    elif state is not PushState.OLDER:
        failed = CommitState.ERROR if state is PushState.FAILED else CommitState.FAILURE
        statuses.tell(session, push, failed, f"Not handed in: {text}")


def _still_held(session: Session, taken: Push) -> Push | None:
    """Return the push, locked after its link; None if it is gone, ended, or was taken by another since."""
    session.get(RepositoryLink, taken.link_id, with_for_update={"key_share": True})
    row = session.get(Push, taken.id, with_for_update={"key_share": True})
    if row is None or row.state is not PushState.WAITING or row.tries != taken.tries:
        return None
    return row
