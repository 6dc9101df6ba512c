"""What people type into this grader or other sites tell it: comments, reasons, names, titles, pushes."""

from __future__ import annotations

import hmac
import json

from sqlalchemy.orm import Session

from grader.accounts.invitations import invite
from grader.db.base import now
from grader.db.models import (
    ApiToken,
    Course,
    CourseUnit,
    DecisionKind,
    Enrolment,
    PushState,
    Role,
    RubricItem,
    RubricMark,
    User,
    WebhookAttempt,
    WebhookDelivery,
)
from grader.grades import allowances, decisions
from grader.pushes.receiving import receive
from grader.reading import comments
from redteam.web_planting import EVERYWHERE, LOSS, Planter, code_pages
from redteam.web_target import Shown
from tests.cast import half_done
from tests.integrations import SEALER, SECRET, full, make_link, make_push
from tests.people import enrol, make_run, make_submission
from tests.reading.hand_ins import packed


def _comment(planter: Planter, texts: list[str]) -> list[Shown]:
    public_id = planter.graded(half_done())
    with planter.database.writing() as session:
        submission = make_submission(session, planter.world.unit, planter.world.ada, packed())
        make_run(session, submission, half_done())
        tara, ada = planter.world.tara, planter.world.ada
        for text in texts:
            comments.add(session, submission, LOSS, 1, text, author=tara, address=text)
            comments.add(session, submission, text, 0, text, author=tara, address=text)
            item = RubricItem(
                course_unit_id=planter.world.unit.id, title=text, description=text, max_points=1
            )
            session.add(item)
            session.flush()
            mark = RubricMark(item_id=item.id, user_id=ada.id, marked_by_id=tara.id, points=1.0, comment=text)
            session.add(mark)
        public_id = submission.public_id
    desk = ("nn/rubric", f"nn/rubric/students/{planter.world.ada.id}", "decisions")
    return [
        *code_pages(public_id),
        Shown("student", "/courses/dl/nn/"),
        *(Shown("staff", f"/courses/dl/{each}") for each in desk),
    ]


def _reason(planter: Planter, texts: list[str]) -> list[Shown]:
    with planter.database.writing() as session:
        unit, tara, ada = planter.world.unit, planter.world.tara, planter.world.ada
        for text in texts:
            verdict = decisions.Verdict(DecisionKind.SCORE, text, 50.0)
            decisions.decide(session, unit.id, ada.id, verdict, tara, text)
        for text in texts:
            grant = allowances.Grant(text, user_id=ada.id, extra_attempts=1)
            allowances.allow(session, unit.id, grant, tara, text)
    student = f"/courses/dl/nn/students/{ada.id}"
    return [
        Shown("student", "/courses/dl/nn/"),
        Shown("staff", student),
        Shown("staff", "/courses/dl/decisions"),
    ]


def _display_name(planter: Planter, texts: list[str]) -> list[Shown]:
    with planter.database.writing() as session:
        theirs = _rename(session, planter, texts)
    return [*(Shown("staff", f"/submissions/{each}") for each in theirs), EVERYWHERE]


def _rename(session: Session, planter: Planter, texts: list[str]) -> list[str]:
    """Give the course students of these names, with sections and numbers alike; return their hand-ins."""
    public_ids = []
    ada = session.get_one(User, planter.world.ada.id)
    ada.name = texts[0]
    for number, text in enumerate(texts):
        person = User(name=text, email=f"{text} {number}")
        session.add(person)
        session.flush()
        course = session.get_one(Course, planter.world.course.id)
        enrol(session, course, person, section=f"{text}{number}", student_number=text)
        submission = make_submission(session, planter.world.unit, person, packed(), filename=text)
        make_run(session, submission, half_done())
        public_ids.append(submission.public_id)
        invite(session, course.id, f"{text} {number}", text, Role.STUDENT, planter.world.ines.id, now())
    session.query(Enrolment).filter_by(user_id=ada.id).update(
        {"section": texts[0], "student_number": texts[0]}
    )
    return public_ids


def _titles(planter: Planter, texts: list[str]) -> list[Shown]:
    """Titles of courses and units, names of tokens."""
    with planter.database.writing() as session:
        session.get_one(Course, planter.world.course.id).title = texts[0]
        session.get_one(CourseUnit, planter.world.unit.id).title = texts[-1]
        for token in session.query(ApiToken).filter_by(user_id=planter.world.ines.id):
            token.name = texts[0]
    return [EVERYWHERE]


def _commit(planter: Planter, texts: list[str]) -> list[Shown]:
    """A push with hostile author, message and branch, as its host tells of it, and answers of hosts."""
    with planter.database.writing() as session:
        unit = session.get_one(CourseUnit, planter.world.unit.id)
        ben = session.get_one(User, planter.world.ben.id)
        link = make_link(session, unit, ben)
        for number, text in enumerate(texts):
            make_push(session, link, f"a{number}", f"b{number}", text=text, state=PushState.REFUSED)
        for delivery in session.query(WebhookDelivery):
            delivery.last_error = texts[0]
            told = WebhookAttempt(at=now(), signature="v1,x", duration_s=0.1, status=500)
            told.answer = "\n".join(texts)
            delivery.attempts.append(told)
        hook, path = link.public_id, f"/courses/dl/webhooks/{planter.scene.values['webhook']}"
    for number, text in enumerate(texts):
        body = json.dumps(
            {
                "ref": "refs/heads/main",
                "before": full("0"),
                "after": full(f"c{number}"),
                "repository": {"full_name": "ada/nn", "default_branch": "main"},
                "pusher": {"name": text},
                "head_commit": {"message": text, "author": {"name": text, "email": text}},
            }
        ).encode()
        digest = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        headers = {"x-hub-signature-256": f"sha256={digest}", "x-github-event": "push"}
        headers["x-github-delivery"] = text
        reply = receive(planter.database, SEALER, 99, hook, headers, body)
        assert reply.status in (202, 429), reply
    return [
        Shown("neighbour", "/courses/dl/nn/repository"),
        Shown("staff", path),
        Shown("staff", f"{path}/deliveries/{planter.scene.values['delivery']}"),
    ]


PLACES = {
    "comment": _comment,
    "reason": _reason,
    "display-name": _display_name,
    "title": _titles,
    "commit": _commit,
}
