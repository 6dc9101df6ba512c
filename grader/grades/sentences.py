"""Audit events in plain words: what was done, as the end of a sentence that begins with who did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from grader.db.models import AuditEvent
from grader.report import numbers, words

Details = Mapping[str, Any]

KINDS = {
    "grade": "Grades",
    "allowance": "More time and attempts",
    "terms": "Late policy",
    "grades": "Withholding and releasing",
    "run": "Grading runs",
    "regrade": "Regrades",
    "submission": "Regraded hand-ins",
    "unit": "Units",
    "course": "The course",
    "rubric": "Rubric",
    "comment": "Comments",
    "flag": "Review",
    "similarity": "Similarity",
    "version": "Versions of tests",
    "gate": "Admission gate",
    "member": "People",
    "roster": "Lists of people",
    "account": "Accounts",
    "repository": "Repositories",
    "webhook": "Webhooks",
}

# `{whose}` and `{whom}` are the person whom it concerns, `{subject}` what it was done to.
PLAIN = {
    "grade.excuse": "excused {whom} from the unit",
    "grades.withhold": "withheld the grades of the unit",
    "grades.release": "released the grades of the unit",
    "run.regrade": "had {whose} hand-in graded again",
    "run.cancel": "cancelled the grading of {whose} hand-in",
    "run.supersede": "replaced {whose} waiting hand-in by a newer one",
    "run.problem": "could not grade {whose} hand-in, and gave the attempt back",
    "run.replay": "replayed a grading of {whose} hand-in",
    "rubric.mark": "marked {whose} work by the rubric",
    "rubric.withdraw-mark": "withdrew a mark of {whose} work by the rubric",
    "rubric.add-item": "added to the rubric: {subject}",
    "rubric.edit-item": "changed the rubric: {subject}",
    "rubric.move-item": "moved in the rubric: {subject}",
    "rubric.retire-item": "retired from the rubric: {subject}",
    "rubric.restore-item": "restored in the rubric: {subject}",
    "flag.dismiss": "dismissed what the judge flagged in {whose} hand-in",
    "flag.act-on": "acted on what the judge flagged in {whose} hand-in",
    "flag.take-back": "opened again what the judge flagged in {whose} hand-in",
    "unit.add": "added the unit, {subject}",
    "unit.change": "changed the unit’s settings, {subject}",
    "unit.move": "moved the unit, {subject}",
    "course.create": "created the course",
    "course.change": "changed the course’s settings",
    "regrade.start": "began a {subject}",
    "regrade.extend": "took more into {subject}",
    "regrade.pause": "paused {subject}",
    "regrade.resume": "went on with {subject}",
    "regrade.cancel": "cancelled {subject}",
    "regrade.promote": "let {subject} count",
    "regrade.undo": "took back {subject}",
    "regrade.result": "had {whose} hand-in graded by other tests",
    "regrade.result-back": "took back that {whose} hand-in was graded by other tests",
    "version.store": "stored the tests of {subject}",
    "version.upload": "uploaded tests of {subject}",
    "version.pin": "pinned a version of the tests of {subject}",
    "version.unpin": "let {subject} be graded by the tests on disk",
    "gate.start": "started the admission gate of {subject}",
    "gate.cancel": "stopped the admission gate of {subject}",
    "comment.add": "commented on {whose} {subject}",
    "comment.edit": "edited a comment on {whose} {subject}",
    "comment.remove": "removed a comment on {whose} {subject}",
    "similarity.start": "had the hand-ins of {subject} compared",
    "similarity.cancel": "stopped comparing the hand-ins of {subject}",
    "similarity.judge": "said what to make of two hand-ins that are alike, {subject}",
    "member.invite": "made a link to join for {subject}",
    "member.join": "made {whom} a member",
    "member.end": "ended {whose} membership",
    "member.restore": "took {whom} back into the course",
    "member.change-role": "changed {whose} role",
    "member.withdraw-links": "withdrew unused links of {whom}",
    "roster.import": "imported a list of people",
    "roster.new": "added {whom} by a list of people",
    "roster.returns": "took {whom} back by a list of people",
    "roster.changes": "updated {whom} by a list of people",
    "account.correct": "corrected {whose} name or address",
    "account.password-link": "made a link for {whose} new password",
    "course.import": "imported the course’s file",
    "repository.link": "linked a repository, {subject}",
    "repository.unlink": "removed the link to {subject}",
    "webhook.register": "added the {subject}",
    "webhook.remove": "removed the {subject}",
}


def did(event: AuditEvent, concerned: str | None, *, is_reader: bool = False) -> str:
    """Return what was done. `concerned` is the name of whom it concerns; `is_reader`: that is who reads."""
    whose = "your" if is_reader else f"{concerned}’s" if concerned else "a"
    whom = "you" if is_reader else concerned or event.subject
    if teller := _WITH_DETAILS.get(event.action):
        return teller(event.details, whose, whom)
    if plain := PLAIN.get(event.action):
        return plain.format(whose=whose, whom=whom, subject=event.subject)
    return f"{event.action.replace('.', ': ').replace('_', ' ').replace('-', ' ')}, {event.subject}"


def kind_of(action: str) -> str:
    """Return the kind of an action, the part before its dot."""
    return action.partition(".")[0]


def kind_words(kind: str) -> str:
    """Return a kind in words."""
    return KINDS.get(kind, kind.capitalize())


def granted(details: Details) -> str:
    """Return what an allowance gives."""
    parts = []
    if at := details.get("deadline_at"):
        parts.append(f"the deadline {_moment(at)}")
    if at := details.get("late_until_at"):
        parts.append(f"late hand-ins until {_moment(at)}")
    if more := details.get("extra_attempts"):
        parts.append(f"{words.count(more, 'more attempt')}")
    return ", ".join(parts)


def policy_words(percent_per_day: float, percent_cap: float, grace_s: int) -> str:
    """Return what lateness costs."""
    if percent_per_day == 0:
        return "a late hand-in loses nothing"
    cap = "" if percent_cap >= 100 else f", at most {percent_cap:g} %"
    grace = f", nothing in the first {words.count(round(grace_s / 60), 'minute')}" if grace_s else ""
    return f"a late hand-in loses {percent_per_day:g} % for each day begun{cap}{grace}"


def _score(details: Details, whose: str, whom: str) -> str:
    return f"set {whose} score to {numbers.points(details['score'])} points"


def _mark(details: Details, whose: str, whom: str) -> str:
    points, most = (numbers.points(each) for each in (details["after"]["points"], details["max_points"]))
    return f"gave {whom} {points} of {most} points for “{details['item']}”"


def _choose(details: Details, whose: str, whom: str) -> str:
    return f"let {whose} attempt {details['attempt']} count"


def _withdraw(details: Details, whose: str, whom: str) -> str:
    if "score" in details:
        return f"withdrew the score of {numbers.points(details['score'])} points that was set for {whom}"
    if "attempt" in details:
        return f"withdrew the choice of {whose} attempt {details['attempt']}"
    return f"withdrew that {whom} {'are' if whom == 'you' else 'is'} excused from the unit"


def _grant(details: Details, whose: str, whom: str) -> str:
    return f"granted {_receiver(details, whom)}: {granted(details)}"


def _take_back(details: Details, whose: str, whom: str) -> str:
    return f"took back from {_receiver(details, whom)}: {granted(details)}"


def _late_policy(details: Details, whose: str, whom: str) -> str:
    return f"changed the late policy: {policy_words(**details['after'])}"


def _receiver(details: Details, whom: str) -> str:
    return f"section {details['section']}" if "section" in details else whom


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


_WITH_DETAILS: dict[str, Callable[[Details, str, str], str]] = {
    "grade.score": _score,
    "grade.choose": _choose,
    "rubric.mark": _mark,
    "grade.withdraw": _withdraw,
    "allowance.grant": _grant,
    "allowance.withdraw": _take_back,
    "terms.late_policy": _late_policy,
}
