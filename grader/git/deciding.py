"""Whether a push goes on, decided in git's pre-receive hook: this is where it becomes a hand-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import structlog

from grader.db.database import Database
from grader.db.models import CourseUnit
from grader.errors import GraderError, RefusedError, RejectedError
from grader.git import backend
from grader.git.environment import DEFAULT_BRANCH, ask_git
from grader.git.gate import Question, Verdict
from grader.git.handing_in import HandedIn, hand_in
from grader.git.limits import GitLimits
from grader.git.live_lines import plain
from grader.git.places import Places
from grader.git.references import BRANCHES, problem_with
from grader.git.repositories import Repository
from grader.git.requests import NOTHING, PushRequest
from grader.results.visibility import Filter
from grader.submissions.accept import Queue
from grader.submissions.limits import MIB
from grader.versions.finding import root_for

MAX_REASONS = 20
OURS = ["Something went wrong on our side. Nothing was handed in and nothing stored: please push again."]
NOT_HANDED_IN = "Nothing was handed in, no attempt is used, and the branch is as it was."
ELSEWHERE = "To keep work here without handing it in, push another branch: git push REMOTE HEAD:work"
WAY_OUT = [
    "Delete branches and tags that you no longer need: git push REMOTE --delete NAME",
    "What no branch, tag or hand-in needs is removed now. If you have deleted some before, push again.",
]

log = structlog.get_logger("grader.git")


@dataclass(frozen=True)
class Reception:
    """What pushes are received with: one for all pushes of a process."""

    database: Database
    queue: Queue
    units_root: Path
    data_dir: Path
    limits: GitLimits
    places: Places
    follow_s: float


@dataclass(frozen=True)
class Push:
    """One push: its request to git's backend, its body and what stands in it, and who hands in what by it.

    `refused` says why it can't be received at all, in lines for people; `page_url` is the address of
    submissions' pages, to which the public id is added.
    """

    request: backend.Request
    body: IO[bytes]
    asked: PushRequest
    course_unit_id: int
    user_id: int
    received_at: datetime
    allowed: Filter
    page_url: str
    refused: tuple[str, ...] = ()


class Decision:
    """Decides on one push, and hands in what it brings."""

    def __init__(self, reception: Reception, push: Push):
        self.handed_in: HandedIn | None = None
        self.lacks_room = False
        self._reception = reception
        self._push = push

    def decide(self, question: Question) -> Verdict:
        """Answer git's question; whatever goes wrong on our side refuses the push."""
        try:
            return self._decide(question)
        except RejectedError as error:
            reasons = [f"{r.path}: {r.text}" if r.path else r.text for r in error.rejections]
            more = [f"... and {len(reasons) - MAX_REASONS} more."] if len(reasons) > MAX_REASONS else []
            return _no([*reasons[:MAX_REASONS], *more, NOT_HANDED_IN])
        except RefusedError as error:
            return _no([str(error), NOT_HANDED_IN, ELSEWHERE])
        except Exception:
            log.exception("push_not_decided", repository=str(self._push.request.repository.path))
            return _no(OURS)

    def _decide(self, question: Question) -> Verdict:
        reception, repository = self._reception, self._push.request.repository
        if set(question.commands) != set(self._push.asked.commands):
            raise GraderError("git asks about other references than the push does")
        if problem := problem_with(question.commands, repository.references(), reception.limits):
            return _no([problem])
        brings = any(not command.is_deletion for command in question.commands)
        # What is in quarantine lies below the repository, too.
        if brings and repository.size_bytes() > reception.limits.repository_bytes:
            self.lacks_room = True
            most = reception.limits.repository_bytes // MIB
            return _no(
                [f"The repository would grow beyond {most} MiB. Keep large files out of it.", *WAY_OUT]
            )
        if problem := _problem_with_objects(repository, question):
            return _no([problem])
        for command in question.commands:
            if command.reference == DEFAULT_BRANCH and not command.is_deletion:
                with reception.database.reading() as session:
                    unit = session.get_one(CourseUnit, self._push.course_unit_id)
                    units_root = root_for(session, unit, reception)
                self.handed_in = hand_in(
                    reception.database,
                    reception.queue,
                    units_root,
                    self._push.course_unit_id,
                    self._push.user_id,
                    repository,
                    question.quarantine,
                    command.new,
                    self._push.received_at,
                )
        return Verdict(True)


def _problem_with_objects(repository: Repository, question: Question) -> str | None:
    """Return what is wrong with what branches shall name: git takes commits only."""
    branches = {c.new: c.reference for c in question.commands if c.reference.startswith(BRANCHES)}
    branches.pop(NOTHING, None)
    kinds = ask_git(
        repository.path,
        "cat-file",
        "--batch-check=%(objectname) %(objecttype)",
        text="".join(f"{name}\n" for name in branches),
        GIT_OBJECT_DIRECTORY=str(question.quarantine),
        GIT_ALTERNATE_OBJECT_DIRECTORIES=f'"{repository.path / "objects"}"',
    )
    for line in kinds.splitlines():
        name, _, kind = line.partition(" ")
        if kind != "commit":
            return f"{branches[name]} must name a commit, not a {kind}."
    return None


def _no(lines: list[str]) -> Verdict:
    return Verdict(False, ["", *(plain(line) for line in lines), ""])
