"""One push from its request to the end of its answer, as the pieces that go to the client.

While a push waits for its turn, a client that goes away takes it back: nothing has happened yet. From its
turn until git has ended nothing depends on the client, which may go away at any time. What comes after is for
show.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import structlog

from grader.errors import GraderError
from grader.git import backend
from grader.git.deciding import OURS, Decision, Push, Reception
from grader.git.handing_in import HandedIn
from grader.git.limits import GitLimits
from grader.git.live_lines import LiveLines, handed_in_lines, plain
from grader.git.pkt_lines import FLUSH, KEEP_ALIVE, as_answer, for_people, pkt_line, refusal_report
from grader.git.places import Places
from grader.git.references import stored_only
from grader.git.repositories import Repository, RepositoryBusy

LOOK_S, QUEUE_LOOK_S = 0.3, 1.0
KEEP_ALIVE_S = 5.0
TURN_S = 120.0
HALF_DONE = ["Your commit is handed in, but the branch may not be updated yet: please push again."]

log = structlog.get_logger("grader.git")


def receive(reception: Reception, push: Push) -> Iterator[bytes]:
    """Yield the answer to the push, piece by piece; the last ones follow the grading.

    The caller closes the push's body.
    """
    answer, handed_in = _refusal(push, push.refused), None
    if not push.refused:
        answer, handed_in = yield from _received(reception, push)
    if not (push.asked.shows_lines and answer.endswith(FLUSH)):
        yield answer
        return
    yield answer.removesuffix(FLUSH)
    if lines := _stored_lines(push, answer):
        yield for_people(lines)
    if handed_in is not None:
        yield from _follow(reception, push, handed_in)
    yield FLUSH


def _received(reception: Reception, push: Push) -> Generator[bytes, None, tuple[bytes, HandedIn | None]]:
    """Have git receive the push when its turn has come; the value is its answer, and what was handed in."""
    repository, places = push.request.repository, reception.places
    try:
        with repository.locked(reception.limits.lock_s) as lock:
            if not (yield from _wait_for_turn(places, push)):
                return _refusal(
                    push, ["Too many are pushing right now. Please push again in a minute."]
                ), None
            try:
                return _receive(reception, push, lock)
            finally:
                places.receiving.give_back(push.user_id)
    except RepositoryBusy as error:
        return _refusal(push, [str(error), "Please push again in a moment."]), None
    except Exception:
        log.exception("push_failed", repository=str(repository.path))
        return _refusal(push, OURS), None


def _wait_for_turn(places: Places, push: Push) -> Generator[bytes, None, bool]:
    """Wait for one's turn, saying so; the value is whether it came."""
    deadline_s = time.monotonic() + TURN_S
    lines = ["Many are pushing right now. Waiting for a turn ..."]
    while not places.receiving.take(push.user_id, KEEP_ALIVE_S):
        if time.monotonic() > deadline_s:
            return False
        if push.asked.shows_lines:
            yield for_people(lines) or KEEP_ALIVE
        lines = []
    return True


def _receive(reception: Reception, push: Push, lock: int) -> tuple[bytes, HandedIn | None]:
    """Let git receive the push; return its answer, and what was handed in by it."""
    repository, limits, commit = push.request.repository, reception.limits, push.asked.handed_in
    decision = Decision(reception, push)
    try:
        answer = backend.receive(push.request, push.body, reception.data_dir, lock, decision.decide, limits)
        if decision.handed_in is not None and commit is not None:
            if repository.head() != commit:
                raise GraderError("git did not update the branch after the hand-in")
            repository.pin(decision.handed_in.accepted.number, commit)
    except Exception:
        if decision.handed_in is None:
            raise
        log.exception("push_broke_off", repository=str(repository.path))
        answer = _refusal(push, HALF_DONE)
    _tidy(repository, limits, decision.lacks_room)
    return answer, decision.handed_in


def _tidy(repository: Repository, limits: GitLimits, lacks_room: bool) -> None:
    """Put the repository in order after a push, whose answer no longer depends on it."""
    try:
        if lacks_room:
            repository.make_room(limits)
        else:
            repository.tidy(limits)
    except Exception:
        log.exception("repository_not_tidied", repository=str(repository.path))


def _refusal(push: Push, lines: tuple[str, ...] | list[str]) -> bytes:
    """Return the whole answer that refuses a push which git has not seen."""
    report = refusal_report([c.reference for c in push.asked.commands], "not accepted, see above")
    if not push.asked.shows_lines:
        return report
    return _shown(push, ["", *lines, ""]) + as_answer(report) + FLUSH


def _shown(push: Push, lines: list[str]) -> bytes:
    return for_people(plain(line) for line in lines) if push.asked.shows_lines else b""


def _stored_lines(push: Push, answer: bytes) -> list[str]:
    """Return what to say about branches and tags that are stored and not graded."""
    stored = [name for name in stored_only(push.asked.commands) if _is_updated(name, answer)]
    lines = [plain(f"Stored, not graded: {name.removeprefix('refs/')}") for name in stored]
    if lines and push.asked.handed_in is None:
        lines.append("Only the branch main is handed in: git push REMOTE HEAD:main")
    return lines


def _is_updated(reference: str, answer: bytes) -> bool:
    return pkt_line(f"ok {reference}\n".encode("utf-8", "surrogateescape")) in answer


def _follow(reception: Reception, push: Push, handed_in: HandedIn) -> Iterator[bytes]:
    """Tell what was handed in and how its grading goes, for a while."""
    accepted = handed_in.accepted
    page = f"{push.page_url}{accepted.public_id}"
    first = handed_in_lines(
        accepted.number, accepted.is_late, accepted.is_repeat, handed_in.attempts_left, page
    )
    yield for_people(["", *first, *map(plain, handed_in.notes)])
    if not reception.places.showing.acquire(blocking=False):
        yield for_people(["Many are pushing right now: follow the grading on that page."])
        return
    try:
        yield for_people(["Ctrl-C ends these lines, not the grading.", ""])
        yield from _live(reception, push, accepted.public_id)
    finally:
        reception.places.showing.release()
    yield for_people([page, ""])


def _live(reception: Reception, push: Push, public_id: str) -> Iterator[bytes]:
    live = LiveLines(reception.database, public_id, push.allowed)
    ends_s = time.monotonic() + reception.follow_s
    spoke_s = time.monotonic()
    while not live.is_over:
        try:
            lines = live.look()
        except Exception as error:  # for show only: what is handed in is safe
            log.warning("live_lines_ended", submission=public_id, error=str(error))
            yield for_people(["The grading goes on; its page shows how."])
            return
        at_s = time.monotonic()
        if lines:
            yield for_people(lines)
            spoke_s = at_s
        elif at_s - spoke_s >= KEEP_ALIVE_S:
            yield KEEP_ALIVE
            spoke_s = at_s
        if live.is_over:
            return
        if at_s >= ends_s:
            yield for_people(["", "The grading goes on; its page shows how."])
            return
        time.sleep(QUEUE_LOOK_S if live.is_waiting else LOOK_S)
